internal import EventLoop

/// The header lines of an answer, looked up on demand.
public struct HTTPResponseHeaders {
  /// The status line and the header lines as they arrived.
  private let head: PooledBuffer?

  init(head: PooledBuffer?) {
    self.head = head
  }

  /// The value of the first header called `name`, whatever the case, without surrounding white space.
  ///
  /// Bytes that are not UTF-8 are replaced, control characters become spaces. The value comes from outside: check it before use.
  public subscript(name: String) -> String? {
    guard let head else { return nil }
    let wanted = Array(name.utf8)
    var rest = head.bytes[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      if let value = Self.value(of: wanted, in: rest[..<end]) { return value }
      rest = end < rest.endIndex ? rest[(end + 1)...] : rest[rest.endIndex...]
    }
    return nil
  }

  private static func value(of name: [UInt8], in line: Slice<UnsafeRawBufferPointer>) -> String? {
    let colon = line.startIndex + name.count
    guard line.count > name.count, line[colon] == UInt8(ascii: ":") else { return nil }
    guard zip(line, name).allSatisfy({ lowercase($0) == lowercase($1) }) else { return nil }
    var value = line[(colon + 1)...]
    while let first = value.first, isSpace(first) { value = value.dropFirst() }
    while let last = value.last, isSpace(last) { value = value.dropLast() }
    // RFC 9110, 5.5: stray line breaks and NULs in a value become spaces.
    return String(decoding: value.lazy.map { $0 >= 0x20 || $0 == 0x09 ? $0 : 0x20 }, as: UTF8.self)
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
  }
}
