extension JSONCursor {
  /// Steps over any value but a string and says what it is. Nothing recurses: the kinds of the open containers are
  /// bits of one word, which is why the depth has its limit.
  ///
  /// - Parameter depth: how many containers are open around the value.
  mutating func skipScalarOrContainer(depth: Int) throws(ScanFailure) -> ScannedMember.Kind {
    switch peek {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      let kind: ScannedMember.Kind = peek == UInt8(ascii: "{") ? .object : .array
      try skipContainer(depth: depth)
      return kind
    case UInt8(ascii: "t"):
      try skipWord("true")
      return .boolean
    case UInt8(ascii: "f"):
      try skipWord("false")
      return .boolean
    case UInt8(ascii: "n"):
      try skipWord("null")
      return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return try skipNumber() ? .integer : .number
    case UInt8(ascii: "N"), UInt8(ascii: "I"):
      throw failure(.notANumber)
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
      throw failure(.badLiteral)
    default:
      throw failure(.unexpectedByte)
    }
  }

  private mutating func skipWord(_ word: StaticString) throws(ScanFailure) {
    for offset in 0..<word.utf8CodeUnitCount {
      // Unsafe: a static string of ours, read below its length.
      guard peek == word.utf8Start[offset] else { throw failure(.badLiteral) }
      advance()
    }
  }

  /// True for a whole number written without fraction and exponent.
  private mutating func skipNumber() throws(ScanFailure) -> Bool {
    _ = take(UInt8(ascii: "-"))
    if peek == UInt8(ascii: "I") { throw failure(.notANumber) }
    if !take(UInt8(ascii: "0")) { try skipDigits() }
    var isWhole = true
    if take(UInt8(ascii: ".")) {
      isWhole = false
      try skipDigits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isWhole = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try skipDigits()
    }
    return isWhole
  }

  private mutating func skipDigits() throws(ScanFailure) {
    let start = position
    while case UInt8(ascii: "0")...UInt8(ascii: "9") = peek { advance() }
    guard position > start else { throw failure(.badNumber) }
  }

  /// Steps over an object or a list with everything in it.
  private mutating func skipContainer(depth outer: Int) throws(ScanFailure) {
    var depth = outer
    var objects: UInt64 = 0  // bit n: container n is an object
    repeat {
      // Here a value begins.
      if peek == UInt8(ascii: "{") || peek == UInt8(ascii: "[") {
        let isObject = peek == UInt8(ascii: "{")
        guard depth < BodyScanner.maxDepth else { throw failure(.tooDeep) }
        objects = isObject ? objects | 1 << UInt64(depth) : objects & ~(1 << UInt64(depth))
        depth += 1
        advance()
        skipWhitespace()
        if !take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          if isObject { try skipName() }
          continue
        }
        depth -= 1
      } else if take(UInt8(ascii: "\"")) {
        _ = try scanString()
      } else {
        _ = try skipScalarOrContainer(depth: depth)
      }
      try closeContainers(&depth, above: outer, objects: objects)
    } while depth > outer
  }

  /// Behind a value: closes what ends here, then steps to the next value if there is one.
  private mutating func closeContainers(_ depth: inout Int, above outer: Int, objects: UInt64) throws(ScanFailure) {
    while depth > outer {
      let isObject = objects >> UInt64(depth - 1) & 1 == 1
      skipWhitespace()
      if take(UInt8(ascii: ",")) {
        skipWhitespace()
        if isObject { try skipName() }
        return
      }
      guard take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { throw failure(.unexpectedByte) }
      depth -= 1
    }
  }

  /// Steps over a member name, its colon and the white space behind.
  private mutating func skipName() throws(ScanFailure) {
    guard take(UInt8(ascii: "\"")) else { throw failure(.unexpectedByte) }
    _ = try scanString()
    skipWhitespace()
    guard take(UInt8(ascii: ":")) else { throw failure(.unexpectedByte) }
    skipWhitespace()
  }
}
