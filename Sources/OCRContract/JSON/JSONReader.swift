/// Reads one JSON document (RFC 8259), bounded in size and depth. Never traps, whatever the bytes.
package struct JSONReader {
  /// What to do with text that is not Unicode.
  package enum TextPolicy: Sendable {
    /// Refuse the document.
    case strict
    /// Put U+FFFD in place of what is not valid: for answers of others, where half a message is better than none.
    case repair
  }

  /// Deepest nesting of arrays and objects that is read.
  package static let maximumDepth = 64

  private let bytes: UnsafeBufferPointer<UInt8>
  private let policy: TextPolicy
  private var position = 0

  private init(_ bytes: UnsafeBufferPointer<UInt8>, _ policy: TextPolicy) {
    self.bytes = bytes
    self.policy = policy
  }

  /// Reads the whole text as one document.
  ///
  /// - Parameters:
  ///   - bytes: the text; copied when its storage is not contiguous.
  ///   - limit: more bytes than this are refused.
  ///   - text: what to do with text that is not Unicode.
  package static func read(
    _ bytes: some Collection<UInt8>, limit: Int = 1 << 20, text: TextPolicy = .strict
  ) throws(JSONError) -> JSONValue {
    let count = bytes.count
    guard count <= limit else { throw JSONError(reason: .tooLarge, offset: limit) }
    let inPlace = bytes.withContiguousStorageIfAvailable { readDocument($0, text) }
    let result = inPlace ?? Array(bytes).withUnsafeBufferPointer { readDocument($0, text) }
    return try result.get()
  }

  private static func readDocument(
    _ bytes: UnsafeBufferPointer<UInt8>, _ policy: TextPolicy
  ) -> Result<JSONValue, JSONError> {
    var reader = JSONReader(bytes, policy)
    do throws(JSONError) {
      let value = try reader.value(depth: 0)
      reader.skipSpace()
      guard reader.position == bytes.count else { throw reader.error(.trailingBytes) }
      return .success(value)
    } catch {
      return .failure(error)
    }
  }

  private func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: position) }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func next() throws(JSONError) -> UInt8 {
    guard let byte = current else { throw error(.unexpectedEnd) }
    position += 1
    return byte
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws(JSONError) {
    guard let found = current else { throw error(.unexpectedEnd) }
    guard found == byte else { throw error(.unexpectedByte) }
    position += 1
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    skipSpace()
    guard let first = current else { throw error(.unexpectedEnd) }
    switch first {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    for index in 0..<text.utf8CodeUnitCount { try expect(text.utf8Start[index]) }
    return value
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    guard depth <= Self.maximumDepth else { throw error(.tooDeep) }
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try value(depth: depth))
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(elements) }
      try expect(UInt8(ascii: ","))
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    guard depth <= Self.maximumDepth else { throw error(.tooDeep) }
    position += 1
    var members: [JSONValue.Member] = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw error(current == nil ? .unexpectedEnd : .unexpectedByte) }
      let name = try string()
      skipSpace()
      try expect(UInt8(ascii: ":"))
      members.append(.init(name: name, value: try value(depth: depth)))
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      try expect(UInt8(ascii: ","))
    }
  }

  private mutating func number() throws(JSONError) -> String {
    let start = position
    _ = take(UInt8(ascii: "-"))
    guard let lead = current else { throw error(.unexpectedEnd) }
    guard isDigit(lead) else { throw error(start == position ? .unexpectedByte : .invalidNumber) }
    position += 1
    if lead != UInt8(ascii: "0") { skipDigits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if let byte = current, byte | 0x20 == UInt8(ascii: "e") {
      position += 1
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private mutating func skipDigits() {
    while let byte = current, isDigit(byte) { position += 1 }
  }

  private mutating func digits() throws(JSONError) {
    guard let byte = current else { throw error(.unexpectedEnd) }
    guard isDigit(byte) else { throw error(.invalidNumber) }
    skipDigits()
  }

  private mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    if current == UInt8(ascii: "\"") {
      position += 1
      return try text(bytes[start..<(position - 1)])
    }
    return try escapedString(from: start)
  }

  /// The slow path: a string with escapes, unescaped into a buffer of its own.
  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var buffer = Array(bytes[start..<position])
    while true {
      let byte = try next()
      switch byte {
      case UInt8(ascii: "\""): return try text(buffer)
      case UInt8(ascii: "\\"): try escape(into: &buffer)
      case 0..<0x20:
        position -= 1
        throw error(.controlCharacter)
      default: buffer.append(byte)
      }
    }
  }

  private func text(_ bytes: some Collection<UInt8>) throws(JSONError) -> String {
    switch policy {
    case .repair: return String(decoding: bytes, as: UTF8.self)
    case .strict:
      guard let text = String(validating: bytes, as: UTF8.self) else { throw error(.invalidUTF8) }
      return text
    }
  }

  private mutating func escape(into buffer: inout [UInt8]) throws(JSONError) {
    switch try next() {
    case UInt8(ascii: "\""): buffer.append(0x22)
    case UInt8(ascii: "\\"): buffer.append(0x5C)
    case UInt8(ascii: "/"): buffer.append(0x2F)
    case UInt8(ascii: "b"): buffer.append(0x08)
    case UInt8(ascii: "f"): buffer.append(0x0C)
    case UInt8(ascii: "n"): buffer.append(0x0A)
    case UInt8(ascii: "r"): buffer.append(0x0D)
    case UInt8(ascii: "t"): buffer.append(0x09)
    case UInt8(ascii: "u"): buffer.append(contentsOf: Array(String(try unicodeEscape()).utf8))
    default: throw error(.invalidEscape)
    }
  }

  /// A `\u` escape after its `u`, together with the low surrogate that must follow a high one.
  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let first = try fourHexDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    let afterFirst = position
    if first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
      let second = try fourHexDigits()
      if second >= 0xDC00, second <= 0xDFFF,
        let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
      {
        return scalar
      }
    }
    position = afterFirst
    guard policy == .repair else { throw error(.invalidEscape) }
    return "\u{FFFD}"
  }

  private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      let byte = try next()
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
      case 0x41...0x46: value = value << 4 | UInt32(byte - 0x41 + 10)
      case 0x61...0x66: value = value << 4 | UInt32(byte - 0x61 + 10)
      default: throw error(.invalidEscape)
      }
    }
    return value
  }
}
