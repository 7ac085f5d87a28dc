/// A quick look at the body of an answer: is it a JSON object, and which of the telling members does it have? Goes over
/// the bytes once, builds nothing, and finds cut-off bodies because brackets stay open.
///
/// Numbers and words inside are not checked: the result is passed on as it came.
public struct AnswerScan: Sendable, Equatable {
  /// The body is one JSON object with nothing but white space around it.
  public private(set) var isObject = false
  /// It has the member `result`.
  public private(set) var hasResult = false
  /// It has an error member, or its `result` is an object that has one.
  public private(set) var hasError = false

  /// Whether the body can be passed on as a result.
  public var isResult: Bool { isObject && hasResult && !hasError }

  /// Deepest nesting accepted.
  public static let maximumDepth = 64

  private static let errorNames: [StaticString] = ["error_code", "error_msg", "error"]

  /// Looks at a body.
  public init(_ body: RawSpan) {
    body.withUnsafeBytes { scan($0) }
  }

  private mutating func scan(_ bytes: UnsafeRawBufferPointer) {
    var position = 0
    var depth = 0
    var objects: UInt64 = 0  // One bit for each open bracket, the innermost lowest: 1 is an object.
    var inResult = false  // The innermost top-level member is `result`.
    var expectsName = false  // In an object, before a name.
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case 0x20, 0x0A, 0x0D, 0x09: continue
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        let opensObject = byte == UInt8(ascii: "{")
        guard depth < Self.maximumDepth, depth > 0 || opensObject, !expectsName else { return }
        depth += 1
        objects = objects << 1 | (opensObject ? 1 : 0)
        expectsName = opensObject
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        let closesObject = byte == UInt8(ascii: "}")
        guard depth > 0, (objects & 1 == 1) == closesObject else { return }
        depth -= 1
        objects >>= 1
        expectsName = false
        if depth == 0 {
          isObject = bytes[position...].allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
          return
        }
      case UInt8(ascii: "\""):
        guard let end = Self.endOfString(bytes, from: position) else { return }
        if expectsName {
          note(bytes[position..<end], depth: depth, inObjects: objects, inResult: &inResult)
          expectsName = false
        }
        position = end + 1
      case UInt8(ascii: ","): expectsName = objects & 1 == 1
      default:
        guard depth > 0, !expectsName else { return }
      }
    }
  }

  private mutating func note(
    _ name: Slice<UnsafeRawBufferPointer>, depth: Int, inObjects objects: UInt64, inResult: inout Bool
  ) {
    if depth == 1 {
      inResult = Self.equal(name, "result")
      hasResult = hasResult || inResult
    }
    if depth == 1 || (depth == 2 && inResult && objects & 0b11 == 0b11) {
      hasError = hasError || Self.errorNames.contains { Self.equal(name, $0) }
    }
  }

  private static func equal(_ name: Slice<UnsafeRawBufferPointer>, _ text: StaticString) -> Bool {
    name.count == text.utf8CodeUnitCount
      && name.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private static func endOfString(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var cursor = JSONCursor(bytes, at: start)
    while !cursor.isAtEnd {
      cursor.skipPlainText(upTo: bytes.count)
      switch cursor.peek {
      case UInt8(ascii: "\""): return cursor.position
      case UInt8(ascii: "\\"): cursor.advance(by: 2)
      default: cursor.advance()
      }
    }
    return nil
  }
}
