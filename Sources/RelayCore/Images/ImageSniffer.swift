/// Tells a file's format and pixel size from a few header bytes. Pixels are never decoded, nothing is allocated for the
/// size of the image, and every loop has a bound, so a hostile file costs as little as an honest one.
public enum ImageSniffer {
  /// Looks at raw bytes.
  ///
  /// - Parameters:
  ///   - bytes: read during the call only.
  ///   - isComplete: true when these are all bytes of the file.
  public static func sniff(_ bytes: UnsafeRawBufferPointer, isComplete: Bool) -> ImageFinding {
    sniff(RawSource(bytes, isComplete: isComplete))
  }

  /// Looks at base64 text, decoding only the characters it needs.
  public static func sniff(base64 text: UnsafeRawBufferPointer, isComplete: Bool) -> ImageFinding {
    sniff(Base64Source(text, isComplete: isComplete))
  }

  static func sniff(_ source: some ByteSource) -> ImageFinding {
    let kind = kind(of: source)
    let size: ImageFinding.Size =
      switch kind {
      case .jpeg: JPEGHeader.size(in: source)
      case .png: pngSize(in: source)
      case .bmp: bmpSize(in: source)
      case .tiff: TIFFHeader.size(in: source)
      case .gif: size(source, width: source.littleEndian16(at: 6), height: source.littleEndian16(at: 8))
      case .psd: size(source, width: source.bigEndian32(at: 18), height: source.bigEndian32(at: 14))
      case .webp: webpSize(in: source)
      case .pcx, .ico, .pdf, .ofd, .heif, nil: .unknown
      }
    return ImageFinding(kind: kind, size: size)
  }

  /// The format by its first bytes.
  private static func kind(of source: some ByteSource) -> ImageKind? {
    switch source.byte(at: 0) {
    case 0xFF: source.byte(at: 1) == 0xD8 && source.byte(at: 2) == 0xFF ? .jpeg : nil
    case 0x89: source.has("PNG\r\n\u{1A}\n", at: 1) ? .png : nil
    case UInt8(ascii: "B"): isBMP(source) ? .bmp : nil
    case UInt8(ascii: "I"): TIFFHeader.isLittleEndian(source) ? .tiff : nil
    case UInt8(ascii: "M"): TIFFHeader.isBigEndian(source) ? .tiff : nil
    case UInt8(ascii: "G"): source.has("GIF87a", at: 0) || source.has("GIF89a", at: 0) ? .gif : nil
    case UInt8(ascii: "R"): source.has("RIFF", at: 0) && source.has("WEBP", at: 8) ? .webp : nil
    case UInt8(ascii: "%"): source.has("%PDF-", at: 0) ? .pdf : nil
    case UInt8(ascii: "8"): source.has("8BPS", at: 0) ? .psd : nil
    case UInt8(ascii: "P"): source.has("PK\u{03}\u{04}", at: 0) ? .ofd : nil
    case 0x0A: isPCX(source) ? .pcx : nil
    case 0x00: source.bigEndian32(at: 0) == 0x0000_0100 ? .ico : (isHEIF(source) ? .heif : nil)
    default: nil
    }
  }

  /// Two letters are little to go by, so the length of the second header must be one that exists.
  private static func isBMP(_ source: some ByteSource) -> Bool {
    guard source.byte(at: 1) == UInt8(ascii: "M"), let header = source.littleEndian32(at: 14) else { return false }
    return header == 12 || (16...124).contains(header)
  }

  private static func isPCX(_ source: some ByteSource) -> Bool {
    guard let version = source.byte(at: 1), let bits = source.byte(at: 3) else { return false }
    return version <= 5 && source.byte(at: 2) == 1 && [1, 2, 4, 8].contains(bits)
  }

  private static func isHEIF(_ source: some ByteSource) -> Bool {
    guard source.has("ftyp", at: 4) else { return false }
    return source.has("hei", at: 8) || source.has("hev", at: 8) || source.has("mif1", at: 8)
      || source.has("avif", at: 8)
  }

  private static func pngSize(in source: some ByteSource) -> ImageFinding.Size {
    guard source.count >= 24 else { return missing(source) }
    guard source.has("IHDR", at: 12) else { return .damaged }
    return size(source, width: source.bigEndian32(at: 16), height: source.bigEndian32(at: 20))
  }

  private static func bmpSize(in source: some ByteSource) -> ImageFinding.Size {
    guard source.littleEndian32(at: 14) != 12 else {
      return size(source, width: source.littleEndian16(at: 18), height: source.littleEndian16(at: 20))
    }
    // Signed: a negative height means that the rows run from top to bottom.
    let height = source.littleEndian32(at: 22).map { $0 >= 1 << 31 ? 1 << 32 - $0 : $0 }
    guard let width = source.littleEndian32(at: 18), width < 1 << 31 else {
      return source.count < 22 ? missing(source) : .damaged
    }
    return size(source, width: width, height: height)
  }

  private static func webpSize(in source: some ByteSource) -> ImageFinding.Size {
    if source.has("VP8X", at: 12) {
      guard let width = source.littleEndian32(at: 24), let height = source.littleEndian32(at: 26) else {
        return missing(source)
      }
      return size(source, width: (width & 0xFF_FFFF) + 1, height: (height >> 8) + 1)
    }
    if source.has("VP8L", at: 12) {
      guard let bits = source.littleEndian32(at: 21) else { return missing(source) }
      return size(source, width: (bits & 0x3FFF) + 1, height: (bits >> 14 & 0x3FFF) + 1)
    }
    guard source.has("VP8 ", at: 12) else { return .unknown }
    let width = source.littleEndian16(at: 26).map { $0 & 0x3FFF }
    return size(source, width: width, height: source.littleEndian16(at: 28).map { $0 & 0x3FFF })
  }

  /// A size from two sides read from the file; a side that could not be read lies behind the bytes at hand.
  static func size(_ source: some ByteSource, width: Int?, height: Int?) -> ImageFinding.Size {
    guard let width, let height else { return missing(source) }
    return width > 0 && height > 0 ? .pixels(width: width, height: height) : .damaged
  }

  /// The finding when the file goes on behind the bytes at hand.
  static func missing(_ source: some ByteSource) -> ImageFinding.Size {
    source.isComplete ? .damaged : .unknown
  }
}
