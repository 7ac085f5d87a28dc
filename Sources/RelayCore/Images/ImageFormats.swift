/// A set of file formats.
public struct ImageFormats: OptionSet, Sendable, Hashable {
  /// One bit for each `ImageKind`.
  public let rawValue: UInt16

  /// A set from its bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The set of one format.
  public init(_ kind: ImageKind) { rawValue = 1 << UInt16(kind.rawValue) }

  /// JPEG.
  public static let jpeg = ImageFormats(.jpeg)
  /// PNG.
  public static let png = ImageFormats(.png)
  /// Windows bitmap.
  public static let bmp = ImageFormats(.bmp)
  /// TIFF.
  public static let tiff = ImageFormats(.tiff)
  /// GIF.
  public static let gif = ImageFormats(.gif)
  /// WebP.
  public static let webp = ImageFormats(.webp)
  /// PCX.
  public static let pcx = ImageFormats(.pcx)
  /// Windows icon.
  public static let ico = ImageFormats(.ico)
  /// Photoshop document.
  public static let psd = ImageFormats(.psd)
  /// PDF.
  public static let pdf = ImageFormats(.pdf)
  /// OFD.
  public static let ofd = ImageFormats(.ofd)

  /// The members, for people: `JPEG, PNG, BMP, TIFF`.
  public var list: String {
    ImageKind.allCases.filter { contains(ImageFormats($0)) }.map(\.label).joined(separator: ", ")
  }
}
