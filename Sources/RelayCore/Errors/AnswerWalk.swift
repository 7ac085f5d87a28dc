/// The walk of ``AnswerScan`` over a body: from one quote, bracket or comma to the next.
///
/// Unsafe inside: it holds bytes that it does not own, and lives only within `AnswerScan.init`.
struct AnswerWalk {
  private(set) var isObject = false
  private(set) var hasResult = false
  private(set) var hasError = false

  private let bytes: UnsafeRawBufferPointer
  /// The innermost top-level member is `result`.
  private var inResult = false

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// Walks until the object ends, or until it is certain that there is none.
  mutating func run() {
    var reader = StructureReader(bytes)
    guard let start = reader.peek(), bytes[start] == UInt8(ascii: "{"), isBlank(from: 0, to: start) else { return }
    var depth = 0
    var objects: UInt64 = 0  // One bit for each open bracket, the innermost lowest: 1 is an object.
    while let position = reader.next() {
      let byte = bytes[position]
      var expectsName = false
      switch byte {
      case UInt8(ascii: ","): expectsName = objects & 1 == 1
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        guard depth < AnswerScan.maximumDepth else { return }
        expectsName = byte == UInt8(ascii: "{")
        depth &+= 1
        objects = objects << 1 | (expectsName ? 1 : 0)
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        guard (objects & 1 == 1) == (byte == UInt8(ascii: "}")) else { return }
        depth &-= 1
        objects >>= 1
        if depth == 0 { return isObject = isBlank(from: position &+ 1, to: bytes.count) }
      case UInt8(ascii: "\""):
        guard reader.endOfString() != nil else { return }
      default: break
      }
      guard expectsName else { continue }
      guard let name = takeName(&reader, after: position) else { return }
      if depth <= 2 { note(UnsafeRawBufferPointer(rebasing: bytes[name]), depth, objects) }
    }
  }

  /// Takes the name that follows a brace or a comma; without one nothing, if that is for the walk to judge, or nil.
  @inline(__always)
  private func takeName(_ reader: inout StructureReader, after position: Int) -> Range<Int>? {
    guard let next = reader.peek(), isBlank(from: position &+ 1, to: next) else { return nil }
    switch bytes[next] {
    case UInt8(ascii: "\""):
      reader.take()
      guard let end = reader.endOfString() else { return nil }
      return next &+ 1..<end
    case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"): return next..<next
    default: return nil
    }
  }

  private mutating func note(_ name: UnsafeRawBufferPointer, _ depth: Int, _ objects: UInt64) {
    if depth == 1 {
      inResult = ASCII.isExactly(name, "result")
      hasResult = hasResult || inResult
    }
    if depth == 1 || (inResult && objects & 0b11 == 0b11) {
      hasError = hasError || Self.isErrorName(name)
    }
  }

  private static func isErrorName(_ name: UnsafeRawBufferPointer) -> Bool {
    ASCII.isExactly(name, "error_code") || ASCII.isExactly(name, "error_msg") || ASCII.isExactly(name, "error")
  }

  @inline(__always)
  private func isBlank(from start: Int, to end: Int) -> Bool {
    start == end || bytes[start..<end].allSatisfy { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
  }
}
