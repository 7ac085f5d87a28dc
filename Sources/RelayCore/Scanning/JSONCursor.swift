import Glibc

/// A position in JSON text. Reading at or behind the end gives 0, a byte that no JSON text contains unescaped,
/// so that every check for an expected byte also covers the end.
///
/// Unsafe inside: it holds the base address of bytes that it does not own. It lives only within one call of
/// `BodyScanner.scan` or of a checker working on the same buffer, and every read is below `count`.
struct JSONCursor {
  let base: UnsafeRawPointer
  let count: Int
  private(set) var position: Int

  /// Where a string is, without its quotes.
  struct StringRange {
    let range: Range<Int>
    let escapes: ScannedMember.Escapes
  }

  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
    // An empty buffer may have no address; any address will do, because nothing is read when `count` is 0.
    base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
    count = bytes.baseAddress == nil ? 0 : bytes.count
    self.position = position
  }

  @inline(__always) var isAtEnd: Bool { position >= count }

  @inline(__always) var peek: UInt8 { byte(at: position) }

  @inline(__always)
  func byte(at offset: Int) -> UInt8 {
    offset < count ? base.load(fromByteOffset: offset, as: UInt8.self) : 0
  }

  @inline(__always)
  mutating func advance(by distance: Int = 1) { position += distance }

  /// Steps over `byte` when it comes next.
  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte, position < count else { return false }
    position += 1
    return true
  }

  @inline(__always)
  mutating func skipWhitespace() {
    while position < count {
      switch base.load(fromByteOffset: position, as: UInt8.self) {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  @inline(__always)
  func isEqual(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    left.count == right.count && memcmp(base + left.lowerBound, base + right.lowerBound, left.count) == 0
  }

  /// The failure at this position; at the end of the text it is always "ends too early".
  func failure(_ reason: ScanFailure.Reason) -> ScanFailure {
    let isCutOff = isAtEnd && reason != .empty && reason != .trailingBytes
    return ScanFailure(reason: isCutOff ? .truncated : reason, offset: min(position, count))
  }

  /// Steps over a string whose opening quote has been taken, and over its closing quote.
  ///
  /// - Parameter strictBytes: after this many bytes only the closing quote is looked for.
  @inline(__always)
  mutating func scanString(strictBytes: Int = .max) throws(ScanFailure) -> StringRange {
    let start = position
    let limit = strictBytes < count - start ? start + strictBytes : count
    var escapes = ScannedMember.Escapes.none
    while true {
      skipPlainText(upTo: limit)
      if position >= limit { return try skipToClosingQuote(from: start) }
      switch peek {
      case UInt8(ascii: "\""):
        position += 1
        return StringRange(range: start..<position - 1, escapes: escapes)
      case UInt8(ascii: "\\"):
        escapes = .present
        try skipEscape()
      default:
        throw failure(.controlCharacter)
      }
    }
  }

  /// Steps over bytes that need no thought: anything but a quote, a backslash or a control character.
  @inline(__always)
  mutating func skipPlainText(upTo limit: Int) {
    if position < limit {
      position &+= ByteBlock.unmarked(base + position, count: limit &- position) { $0.endsOfPlainText }
    }
    while position < limit {
      let byte = base.load(fromByteOffset: position, as: UInt8.self)
      if byte == 0x22 || byte == 0x5C || byte < 0x20 { return }
      position &+= 1
    }
  }

  private mutating func skipEscape() throws(ScanFailure) {
    switch byte(at: position + 1) {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 2
    case UInt8(ascii: "u"):
      for digit in 2..<6 where hexValue(byte(at: position + digit)) == nil {
        position += digit
        throw failure(.badEscape)
      }
      position += 6
    default:
      position += 1
      throw failure(.badEscape)
    }
  }

  /// A quote ends the string unless an odd number of backslashes stands before it.
  private mutating func skipToClosingQuote(from start: Int) throws(ScanFailure) -> StringRange {
    while position < count, let hit = memchr(base + position, 0x22, count - position) {
      let quote = base.distance(to: UnsafeRawPointer(hit))
      var slashes = 0
      while quote - slashes > start, byte(at: quote - slashes - 1) == UInt8(ascii: "\\") { slashes += 1 }
      position = quote + 1
      if slashes.isMultiple(of: 2) { return StringRange(range: start..<quote, escapes: .unknown) }
    }
    position = count
    throw failure(.truncated)
  }
}

/// The value of a hexadecimal digit.
@inline(__always)
func hexValue(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}
