internal import Glibc

/// What the head of an answer says about the answer itself (RFC 9112, 4 and 6). Pure.
///
/// Strict where two readers could disagree about the end of the answer, and nowhere else.
struct ResponseHead: Equatable {
  /// The status code.
  let status: Int
  /// How the end of the body is found.
  let framing: Framing
  /// Whether the connection can carry another request afterwards.
  let keepsAlive: Bool

  /// How the end of the body is found.
  enum Framing: Equatable {
    case noBody
    case length(Int)
    case chunked
    case untilClose
  }

  /// Whether another answer follows this one.
  var isInterim: Bool { status < 200 }

  /// Reads a head from its status line to the blank line at its end.
  init(_ bytes: UnsafeRawBufferPointer) throws(ResponseFault) {
    if let start = bytes.baseAddress, memchr(start, 0, bytes.count) != nil {
      throw .malformed("a NUL byte in the head of the answer")
    }
    var rest = bytes
    let statusLine = Self.nextLine(&rest)
    status = try Self.status(statusLine)
    var fields = Fields()
    while !rest.isEmpty {
      let line = Self.nextLine(&rest)
      if !line.isEmpty { try fields.read(line) }
    }
    guard fields.transferEncodings == 0 || fields.isChunked else { throw .malformed("an unknown transfer encoding") }
    let hasNoBody = status < 200 || status == 204 || status == 304
    framing = hasNoBody ? .noBody : fields.framing
    // Two lengths in one answer: the encoding counts (RFC 9112, 6.3). A body where there can be none: there is none.
    // In both cases nothing behind the answer is believed.
    let isAmbiguous = fields.isChunked && fields.length != nil || hasNoBody && fields.announceBody
    let isVersion11 = statusLine[Self.minorVersionPlace] != UInt8(ascii: "0")
    keepsAlive = isVersion11 && !fields.closes && !isAmbiguous && framing != .untilClose
  }

  /// Whether `bytes`, which may be cut anywhere, can be the beginning of a status line.
  static func canBegin(with bytes: UnsafeRawBufferPointer) -> Bool {
    let count = min(bytes.count, protocolName.utf8CodeUnitCount)
    guard count > 0, let base = bytes.baseAddress else { return true }
    return memcmp(base, protocolName.utf8Start, count) == 0
  }

  private static let protocolName: StaticString = "HTTP/1."
  private static let minorVersionPlace = 7

  /// `HTTP/1.1 200` and, if anything, a space and a reason.
  private static func status(_ line: UnsafeRawBufferPointer) throws(ResponseFault) -> Int {
    guard line.count >= 12, canBegin(with: line), isDigit(line[minorVersionPlace]), line[8] == 0x20 else {
      throw .malformed("the status line is not one of HTTP/1.1")
    }
    guard isDigit(line[9]), isDigit(line[10]), isDigit(line[11]), line.count == 12 || line[12] == 0x20 else {
      throw .malformed("the status is not a number of three digits")
    }
    let status = Int(line[9] - 0x30) * 100 + Int(line[10] - 0x30) * 10 + Int(line[11] - 0x30)
    guard status >= 100, status != 101 else { throw .malformed("the status is not one of an answer") }
    return status
  }

  /// Cuts the next line off, without its line break.
  private static func nextLine(_ rest: inout UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard let start = rest.baseAddress else { return rest }
    // Unsafe: the distance of two addresses in the same block of bytes.
    let end = memchr(start, 0x0A, rest.count).map { start.distance(to: $0) } ?? rest.count
    let hasReturn = end > 0 && rest[end - 1] == 0x0D
    let line = UnsafeRawBufferPointer(rebasing: rest[..<(hasReturn ? end - 1 : end)])
    rest = UnsafeRawBufferPointer(rebasing: rest[min(end + 1, rest.count)...])
    return line
  }

  fileprivate static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}

extension ResponseHead {
  /// The header lines that frame an answer.
  private struct Fields {
    var length: Int?
    var isChunked = false
    var transferEncodings = 0
    var closes = false

    var framing: Framing {
      if isChunked { return .chunked }
      return length.map { .length($0) } ?? .untilClose
    }

    /// Whether they say that a body follows.
    var announceBody: Bool { isChunked || length ?? 0 > 0 }

    /// Takes note of a line. Names of other lengths than the three that count are not compared.
    mutating func read(_ line: UnsafeRawBufferPointer) throws(ResponseFault) {
      guard line[0] != 0x20, line[0] != 0x09 else { throw .malformed("a folded header line") }
      guard let base = line.baseAddress, let colon = memchr(base, 0x3A, line.count) else {
        throw .malformed("a header line without a colon")
      }
      let nameLength = base.distance(to: UnsafeRawPointer(colon))
      // With a space behind it, some would take the name for the one without (RFC 9112, 5.1).
      guard nameLength > 0, line[nameLength - 1] != 0x20, line[nameLength - 1] != 0x09 else {
        throw .malformed("a header line without a proper name")
      }
      let value = Self.trimmed(UnsafeRawBufferPointer(rebasing: line[(nameLength + 1)...]))
      switch nameLength {
      case 10 where Self.equal(line, "connection", 10): closes = closes || Self.lists(value, "close", 5)
      case 14 where Self.equal(line, "content-length", 14): try readLength(value)
      case 17 where Self.equal(line, "transfer-encoding", 17): readEncoding(value)
      default: break
      }
    }

    private mutating func readLength(_ value: UnsafeRawBufferPointer) throws(ResponseFault) {
      guard !value.isEmpty, value.allSatisfy(ResponseHead.isDigit) else {
        throw .malformed("Content-Length is not a number")
      }
      var number = 0
      for digit in value {
        let (product, overflow) = number.multipliedReportingOverflow(by: 10)
        // Larger than any limit: whoever compares refuses it.
        number = overflow || product > .max - 9 ? .max : product + Int(digit - 0x30)
        if number == .max { break }
      }
      guard length == nil || length == number else { throw .malformed("two different values of Content-Length") }
      length = number
    }

    private mutating func readEncoding(_ value: UnsafeRawBufferPointer) {
      transferEncodings += 1
      isChunked = transferEncodings == 1 && value.count == 7 && Self.equal(value, "chunked", 7)
    }

    /// Whether the list, whose parts are separated by commas, has this part.
    private static func lists(_ list: UnsafeRawBufferPointer, _ part: StaticString, _ count: Int) -> Bool {
      var rest = list
      while !rest.isEmpty {
        let end = rest.firstIndex(of: 0x2C) ?? rest.count
        let found = trimmed(UnsafeRawBufferPointer(rebasing: rest[..<end]))
        if found.count == count, equal(found, part, count) { return true }
        rest = UnsafeRawBufferPointer(rebasing: rest[min(end + 1, rest.count)...])
      }
      return false
    }

    /// Whether the first `count` bytes are these lowercase letters, whatever their case.
    private static func equal(_ bytes: UnsafeRawBufferPointer, _ text: StaticString, _ count: Int) -> Bool {
      guard let base = bytes.baseAddress else { return false }
      return strncasecmp(
        base.assumingMemoryBound(to: CChar.self), UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self),
        count) == 0
    }

    private static func trimmed(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
      var (start, end) = (0, value.count)
      while start < end, value[start] == 0x20 || value[start] == 0x09 { start += 1 }
      while end > start, value[end - 1] == 0x20 || value[end - 1] == 0x09 { end -= 1 }
      return UnsafeRawBufferPointer(rebasing: value[start..<end])
    }
  }
}
