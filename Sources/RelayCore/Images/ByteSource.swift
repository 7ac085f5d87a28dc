/// Bytes that can be read at any place. The image sniffer works on raw bytes and on base64 text alike.
protocol ByteSource {
  /// How many bytes are at hand.
  var count: Int { get }
  /// True when these are all bytes of the file, so that whatever lies behind them is missing from it.
  var isComplete: Bool { get }
  /// The byte at an offset; nil outside of the bytes at hand.
  func byte(at offset: Int) -> UInt8?
}

extension ByteSource {
  @inline(__always)
  func bigEndian16(at offset: Int) -> Int? {
    guard let high = byte(at: offset), let low = byte(at: offset + 1) else { return nil }
    return Int(high) << 8 | Int(low)
  }

  @inline(__always)
  func littleEndian16(at offset: Int) -> Int? {
    guard let low = byte(at: offset), let high = byte(at: offset + 1) else { return nil }
    return Int(high) << 8 | Int(low)
  }

  @inline(__always)
  func bigEndian32(at offset: Int) -> Int? {
    guard let high = bigEndian16(at: offset), let low = bigEndian16(at: offset + 2) else { return nil }
    return high << 16 | low
  }

  @inline(__always)
  func littleEndian32(at offset: Int) -> Int? {
    guard let low = littleEndian16(at: offset), let high = littleEndian16(at: offset + 2) else { return nil }
    return high << 16 | low
  }

  /// True when exactly these bytes stand at `offset`.
  func has(_ bytes: StaticString, at offset: Int) -> Bool {
    for position in 0..<bytes.utf8CodeUnitCount {
      // Unsafe: a static string of ours, read below its length.
      guard byte(at: offset + position) == bytes.utf8Start[position] else { return false }
    }
    return true
  }
}

/// Raw bytes as a source. Unsafe inside: a view that is made and dropped within one call; every read is checked.
struct RawSource: ByteSource {
  private let bytes: UnsafeRawBufferPointer
  let isComplete: Bool

  init(_ bytes: UnsafeRawBufferPointer, isComplete: Bool) {
    self.bytes = bytes
    self.isComplete = isComplete
  }

  var count: Int { bytes.count }

  @inline(__always)
  func byte(at offset: Int) -> UInt8? {
    offset >= 0 && offset < bytes.count ? bytes[offset] : nil
  }
}
