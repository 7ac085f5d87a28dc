/// What `AnswerScan` finds, found byte after byte: the judge in a comparison with random bodies.
struct PlainAnswerReader {
  private(set) var isObject = false
  private(set) var hasResult = false
  private(set) var hasError = false

  private let bytes: [UInt8]
  private var position = 0
  /// The open brackets, the innermost last.
  private var open: [UInt8] = []
  private var expectsName = false
  private var inResult = false

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    while position < bytes.count, take() {}
  }

  /// Takes the next byte or string; false when nothing more is to be learnt.
  private mutating func take() -> Bool {
    let byte = bytes[position]
    position += 1
    if [0x20, 0x0A, 0x0D, 0x09].contains(byte) { return true }
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard open.count < 64, !expectsName, !open.isEmpty || byte == UInt8(ascii: "{") else { return false }
      open.append(byte)
      expectsName = byte == UInt8(ascii: "{")
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      guard open.popLast() == byte - 2 else { return false }
      expectsName = false
      guard open.isEmpty else { return true }
      isObject = bytes[position...].allSatisfy { [0x20, 0x0A, 0x0D, 0x09].contains($0) }
      return false
    case UInt8(ascii: "\""):
      guard !open.isEmpty, let text = takeString() else { return false }
      if expectsName { note(text) }
      expectsName = false
    case UInt8(ascii: ","):
      guard let innermost = open.last else { return false }
      expectsName = innermost == UInt8(ascii: "{")
    default: return !open.isEmpty && !expectsName
    }
    return true
  }

  /// The bytes up to the closing quote, which is taken; nil without one.
  private mutating func takeString() -> [UInt8]? {
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      position += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "\"") { return Array(bytes[start..<position - 1]) }
    }
    return nil
  }

  private mutating func note(_ bytes: [UInt8]) {
    let name = String(decoding: bytes, as: UTF8.self)
    if open.count == 1 {
      inResult = name == "result"
      if inResult { hasResult = true }
    }
    let isTelling = open.count == 1 || (open.count == 2 && inResult && open[1] == UInt8(ascii: "{"))
    if isTelling, ["error_code", "error_msg", "error"].contains(name) { hasError = true }
  }
}
