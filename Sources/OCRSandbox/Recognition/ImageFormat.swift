/// The kinds of file that the documents name, told by their first bytes and never by a name.
enum ImageFormat: String, Sendable, CaseIterable {
  case jpg = "JPG"
  case png = "PNG"
  case bmp = "BMP"
  case gif = "GIF"
  case tiff = "TIFF"
  case webp = "WEBP"
  case pcx = "PCX"
  case ico = "ICO"
  case psd = "PSD"
  case pdf = "PDF"
  case ofd = "OFD"

  /// The kind of `bytes`, or nil for anything else.
  init?(sniffing bytes: some Collection<UInt8>) {
    let head = Array(bytes.prefix(16))
    func has(_ magic: [UInt8], at offset: Int = 0) -> Bool { head.dropFirst(offset).starts(with: magic) }
    if has([0xff, 0xd8, 0xff]) {
      self = .jpg
    } else if has([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
      self = .png
    } else if has(Array("BM".utf8)) {
      self = .bmp
    } else if has(Array("GIF87a".utf8)) || has(Array("GIF89a".utf8)) {
      self = .gif
    } else if has([0x49, 0x49, 0x2a, 0x00]) || has([0x4d, 0x4d, 0x00, 0x2a]) {
      self = .tiff
    } else if has(Array("RIFF".utf8)), has(Array("WEBP".utf8), at: 8) {
      self = .webp
    } else if has(Array("%PDF-".utf8)) {
      self = .pdf
    } else if has(Array("PK".utf8) + [3, 4]) {
      self = .ofd
    } else if has(Array("8BPS".utf8)) {
      self = .psd
    } else if has([0, 0, 1, 0]) {
      self = .ico
    } else if has([0x0a]), head.count > 3, head[1] <= 5, head[2] <= 1, [1, 2, 4, 8].contains(head[3]) {
      self = .pcx
    } else {
      return nil
    }
  }

  /// True for the kinds whose pixels the sandbox can read; of the others it only checks that the API takes them.
  var isReadable: Bool {
    switch self {
    case .jpg, .png, .bmp, .gif, .tiff, .webp: true
    case .pcx, .ico, .psd, .pdf, .ofd: false
    }
  }
}
