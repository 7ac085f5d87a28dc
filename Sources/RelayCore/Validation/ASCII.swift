import Glibc

/// Comparisons of outside bytes with our own words, without making strings. The buffers are read during the call only.
enum ASCII {
  /// Equal but for the case of letters. `word` is in lower case and at least two characters long.
  @inline(__always)
  static func isEqual(_ bytes: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
    bytes.count == word.utf8CodeUnitCount && hasSuffix(bytes, word)
  }

  /// Ends with `word` but for the case of letters.
  static func hasSuffix(_ bytes: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count >= count else { return false }
    let start = bytes.count - count
    // Unsafe: a static string of ours, read below its length.
    for offset in 0..<count where lowercased(bytes[start + offset]) != word.utf8Start[offset] { return false }
    return true
  }

  /// Equal to the bytes of a text, case included.
  static func isSame(_ bytes: UnsafeRawBufferPointer, _ text: String) -> Bool {
    var text = text
    return text.withUTF8 { text in
      guard text.count == bytes.count else { return false }
      guard let left = bytes.baseAddress, let right = text.baseAddress else { return true }
      return memcmp(left, right, text.count) == 0
    }
  }

  /// Equal to a word of ours, case included.
  @inline(__always)
  static func isExactly(_ bytes: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
    guard bytes.count == word.utf8CodeUnitCount, let base = bytes.baseAddress else { return false }
    return memcmp(base, word.utf8Start, bytes.count) == 0
  }

  /// Equal to the bytes of a text but for the case of letters.
  static func isSameIgnoringCase(_ bytes: UnsafeRawBufferPointer, _ text: String) -> Bool {
    bytes.count == text.utf8.count && zip(bytes, text.utf8).allSatisfy { lowercased($0) == lowercased($1) }
  }

  /// Without spaces and tabs at both ends.
  static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var (start, end) = (0, bytes.count)
    while start < end, isBlank(bytes[start]) { start += 1 }
    while end > start, isBlank(bytes[end - 1]) { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
  }

  @inline(__always)
  static func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }

  @inline(__always)
  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// A name out of a request, fit for an error text: printable ASCII, at most 64 characters.
  static func printable(_ bytes: UnsafeRawBufferPointer) -> String {
    let shown = bytes.prefix(64).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
    return String(decoding: shown, as: UTF8.self) + (bytes.count > 64 ? "…" : "")
  }
}
