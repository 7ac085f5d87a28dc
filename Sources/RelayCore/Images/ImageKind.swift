/// A file format, told by its first bytes.
public enum ImageKind: UInt8, Sendable, CaseIterable {
  case jpeg, png, bmp, tiff, gif, webp, pcx, ico, psd, pdf
  /// Open Fixed-layout Document. It is a ZIP container, and so are DOCX and XLSX: the first bytes tell no more.
  case ofd
  /// HEIC, HEIF and AVIF: what telephones store. No known API reads it; named so that the answer can say so.
  case heif

  /// Name for people.
  public var label: String {
    switch self {
    case .jpeg: "JPEG"
    case .png: "PNG"
    case .bmp: "BMP"
    case .tiff: "TIFF"
    case .gif: "GIF"
    case .webp: "WebP"
    case .pcx: "PCX"
    case .ico: "ICO"
    case .psd: "PSD"
    case .pdf: "PDF"
    case .ofd: "OFD/ZIP"
    case .heif: "HEIF"
    }
  }
}
