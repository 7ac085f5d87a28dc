/// Reads big-endian values from outside bytes; every read is checked and none traps.
struct ByteReader {
  let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  var remaining: Int { bytes.count - position }

  // Inlined, because each field of each message is read through these.

  @inline(__always)
  mutating func readUInt8() -> UInt8? {
    guard remaining >= 1 else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func readUInt16() -> UInt16? { readInteger() }
  mutating func readUInt32() -> UInt32? { readInteger() }
  mutating func readUInt64() -> UInt64? { readInteger() }

  /// The bytes behind a length octet.
  @inline(__always)
  mutating func readShortString() -> UnsafeRawBufferPointer? {
    guard let length = readUInt8(), let start = skip(Int(length)) else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
  }

  /// Skips `count` bytes and returns the offset at which they began.
  @inline(__always)
  mutating func skip(_ count: Int) -> Int? {
    guard count >= 0, count <= remaining else { return nil }
    defer { position += count }
    return position
  }

  @inline(__always)
  private mutating func readInteger<Value: FixedWidthInteger>() -> Value? {
    guard remaining >= MemoryLayout<Value>.size else { return nil }
    defer { position += MemoryLayout<Value>.size }
    return Value(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
  }
}
