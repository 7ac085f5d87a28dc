/// Text of a JSON string that contains escape sequences. The scan has checked short strings; a long one comes
/// unchecked, so that anything malformed ends the text here instead.
enum EscapedText {
  /// The text with its escape sequences replaced, at most `limit` bytes of it; nil when a sequence is malformed or
  /// stands for a character outside of ASCII (nothing that is decoded here may contain one).
  static func decoded(_ bytes: UnsafeRawBufferPointer, limit: Int) -> [UInt8]? {
    var text: [UInt8] = []
    text.reserveCapacity(min(bytes.count, limit))
    var offset = 0
    while offset < bytes.count, text.count < limit {
      guard let (byte, length) = unit(of: bytes, at: offset) else { return nil }
      text.append(byte)
      offset += length
    }
    return text
  }

  /// Length of the text with its escape sequences replaced; nil as for ``decoded(_:limit:)``.
  static func decodedCount(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var (offset, count) = (0, 0)
    while offset < bytes.count {
      guard let (_, length) = unit(of: bytes, at: offset) else { return nil }
      offset += length
      count += 1
    }
    return count
  }

  /// The byte that stands at `offset`, and how many bytes it takes there.
  @inline(__always)
  private static func unit(of bytes: UnsafeRawBufferPointer, at offset: Int) -> (byte: UInt8, length: Int)? {
    guard bytes[offset] == UInt8(ascii: "\\") else { return (bytes[offset], 1) }
    guard offset + 1 < bytes.count else { return nil }
    switch bytes[offset + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return (bytes[offset + 1], 2)
    case UInt8(ascii: "b"): return (0x08, 2)
    case UInt8(ascii: "f"): return (0x0C, 2)
    case UInt8(ascii: "n"): return (0x0A, 2)
    case UInt8(ascii: "r"): return (0x0D, 2)
    case UInt8(ascii: "t"): return (0x09, 2)
    case UInt8(ascii: "u"): return unicode(of: bytes, at: offset)
    default: return nil
    }
  }

  private static func unicode(of bytes: UnsafeRawBufferPointer, at offset: Int) -> (byte: UInt8, length: Int)? {
    guard offset + 6 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for position in offset + 2..<offset + 6 {
      guard let digit = hexValue(bytes[position]) else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value < 0x80 ? (UInt8(value), 6) : nil
  }
}
