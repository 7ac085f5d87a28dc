/// Reads width and height from the first page of a TIFF file, in either byte order.
enum TIFFHeader {
  /// Most directories looked at, and most entries in one of them.
  static let maxDirectories = 16
  static let maxEntries = 512

  static func isLittleEndian(_ source: some ByteSource) -> Bool {
    source.has("II", at: 0) && isVersion(source.littleEndian16(at: 2))
  }

  static func isBigEndian(_ source: some ByteSource) -> Bool {
    source.has("MM", at: 0) && isVersion(source.bigEndian16(at: 2))
  }

  /// 42 is TIFF, 43 is BigTIFF.
  private static func isVersion(_ number: Int?) -> Bool { number == 42 || number == 43 }

  static func size(in source: some ByteSource) -> ImageFinding.Size {
    let fields = Fields(source: source, isLittleEndian: source.byte(at: 0) == UInt8(ascii: "I"))
    guard fields.short(at: 2) == 42 else { return .unknown }  // BigTIFF: the OCR service decides
    var visited: [Int] = []
    var next = fields.long(at: 4)
    while let directory = next, directory != 0 {
      guard !visited.contains(directory) else { return .damaged }
      guard visited.count < maxDirectories else { return .unknown }
      visited.append(directory)
      guard let count = fields.short(at: directory), count <= maxEntries else {
        return directory + 2 > source.count ? ImageSniffer.missing(source) : .unknown
      }
      let (width, height) = fields.sides(at: directory + 2, count: count)
      if let width, let height { return ImageSniffer.size(source, width: width, height: height) }
      next = fields.long(at: directory + 2 + count * 12)
    }
    return next == nil ? ImageSniffer.missing(source) : .damaged
  }

  /// Numbers in the byte order of the file.
  private struct Fields<Source: ByteSource> {
    let source: Source
    let isLittleEndian: Bool

    func short(at offset: Int) -> Int? {
      isLittleEndian ? source.littleEndian16(at: offset) : source.bigEndian16(at: offset)
    }

    func long(at offset: Int) -> Int? {
      isLittleEndian ? source.littleEndian32(at: offset) : source.bigEndian32(at: offset)
    }

    /// Width (tag 256) and length (tag 257) out of a directory's entries of twelve bytes.
    func sides(at start: Int, count: Int) -> (width: Int?, height: Int?) {
      var width: Int?
      var height: Int?
      for entry in 0..<count {
        let offset = start + entry * 12
        guard let tag = short(at: offset) else { break }
        if tag == 256 { width = value(at: offset) }
        if tag == 257 { height = value(at: offset) }
      }
      return (width, height)
    }

    /// The one value of an entry, a short (3) or a long (4).
    private func value(at entry: Int) -> Int? {
      switch short(at: entry + 2) {
      case 3: short(at: entry + 8)
      case 4: long(at: entry + 8)
      default: nil
      }
    }
  }
}
