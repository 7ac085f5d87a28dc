/// Walks the segments of a JPEG file to the frame header, which holds the size.
enum JPEGHeader {
  /// Cameras write a dozen segments before the frame header; a file with more than this is left to the OCR service.
  static let maxSegments = 64

  static func size(in source: some ByteSource) -> ImageFinding.Size {
    var offset = 2
    for _ in 0..<maxSegments {
      guard let marker = nextMarker(in: source, from: &offset) else { return ImageSniffer.missing(source) }
      switch marker {
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF: return frameSize(in: source, at: offset)
      case 0xD9, 0xDA: return .damaged  // picture data or the end before any frame header
      case 0x01, 0xD0...0xD8: continue  // markers without a length
      case 0x00: return .unknown  // stray bytes between segments: some decoders forgive them
      default:
        guard let length = source.bigEndian16(at: offset) else { return ImageSniffer.missing(source) }
        guard length >= 2 else { return .damaged }
        offset += length
      }
    }
    return .unknown
  }

  /// The marker at `offset`, which moves behind it; 0 when something else stands there, nil at the end of the bytes.
  private static func nextMarker(in source: some ByteSource, from offset: inout Int) -> UInt8? {
    guard let lead = source.byte(at: offset) else { return nil }
    guard lead == 0xFF else { return 0 }
    // A marker may be preceded by any number of fill bytes; more than a few mean nothing good.
    for distance in 1...16 {
      guard let marker = source.byte(at: offset + distance) else { return nil }
      if marker != 0xFF {
        offset += distance + 1
        return marker
      }
    }
    return 0
  }

  private static func frameSize(in source: some ByteSource, at offset: Int) -> ImageFinding.Size {
    guard let height = source.bigEndian16(at: offset + 3), let width = source.bigEndian16(at: offset + 5) else {
      return ImageSniffer.missing(source)
    }
    // A height of 0 is legal: it follows behind the first scan.
    if height == 0, width > 0 { return .unknown }
    return ImageSniffer.size(source, width: width, height: height)
  }
}
