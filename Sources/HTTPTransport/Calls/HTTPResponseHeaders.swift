internal import EventLoop
internal import Glibc

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
    var name = name
    return name.withUTF8 { Self.value(of: UnsafeRawBufferPointer($0), in: head.bytes) }
  }

  private static func value(of name: UnsafeRawBufferPointer, in head: UnsafeRawBufferPointer) -> String? {
    var rest = head
    while let start = rest.baseAddress, !rest.isEmpty {
      // Unsafe: the distance of two addresses in the same block of bytes.
      let end = memchr(start, Int32(UInt8(ascii: "\n")), rest.count).map { start.distance(to: $0) } ?? rest.count
      if isField(name, beginning: rest, ofLength: end) {
        return text(UnsafeRawBufferPointer(rebasing: rest[name.count + 1..<end]))
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[min(end + 1, rest.count)...])
    }
    return nil
  }

  private static func isField(
    _ name: UnsafeRawBufferPointer, beginning line: UnsafeRawBufferPointer, ofLength length: Int
  ) -> Bool {
    guard length > name.count, line[name.count] == UInt8(ascii: ":") else { return false }
    for index in 0..<name.count where lowercase(line[index]) != lowercase(name[index]) { return false }
    return true
  }

  private static func text(_ value: UnsafeRawBufferPointer) -> String {
    var (start, end) = (0, value.count)
    while start < end, isSpace(value[start]) { start += 1 }
    while end > start, isSpace(value[end - 1]) { end -= 1 }
    let value = UnsafeRawBufferPointer(rebasing: value[start..<end])
    guard value.contains(where: isControl) else { return String(decoding: value, as: UTF8.self) }
    // RFC 9110, 5.5: stray line breaks and NULs in a value become spaces.
    return String(decoding: value.map { isControl($0) ? 0x20 : $0 }, as: UTF8.self)
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
  }

  private static func isControl(_ byte: UInt8) -> Bool {
    byte < 0x20 && byte != 0x09
  }
}
