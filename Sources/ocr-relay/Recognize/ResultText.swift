import OCRContract

/// An answer of the OCR service as a person wants to read it: the lines of a text, or names and values of fields, each
/// with the confidence that the service gives.
///
/// It knows no API in particular: every member of `result` is shown, except positions on the page and the confidences
/// themselves, which stand beside what they are about.
struct ResultText {
  /// Confidences below this are marked.
  static let doubt = 0.8

  private var lines: [String] = []
  private var notFound: [String] = []

  /// The lines to print.
  static func lines(of body: JSONValue) -> [String] {
    var text = ResultText()
    let result = body["result"] ?? body
    if let blocks = result["words_block_list"]?.elements {
      text.add(blocks: blocks)
      let others = (result.members ?? []).filter { !Self.isPartOfText($0) }
      text.add(members: others, confidence: nil, indent: 0)
    } else {
      text.add(value: result, indent: 0)
    }
    if !text.notFound.isEmpty { text.lines.append("not found: " + text.notFound.joined(separator: ", ")) }
    return text.lines.isEmpty ? ["(nothing was recognised)"] : text.lines
  }

  private mutating func add(blocks: [JSONValue]) {
    for block in blocks { lines += PrintableText.lines(of: block["words"]?.text ?? "") }
    let confidences = blocks.compactMap { Self.fraction($0["confidence"]) }
    guard let lowest = confidences.min() else { return }
    let mean = confidences.reduce(0, +) / Double(confidences.count)
    lines.append(
      "(\(blocks.count) \(blocks.count == 1 ? "line" : "lines"), confidence \(Self.percent(mean)) on average, "
        + "\(Self.percent(lowest)) at the lowest)")
  }

  private mutating func add(value: JSONValue, indent: Int) {
    if let members = value.members {
      add(members: members.filter { $0.name != "confidence" }, confidence: value["confidence"], indent: indent)
    } else {
      for (index, element) in (value.elements ?? []).enumerated() {
        lines.append(Self.space(indent) + "\(index + 1).")
        add(value: element, indent: indent + 2)
      }
    }
  }

  private mutating func add(members: [JSONValue.Member], confidence: JSONValue?, indent: Int) {
    let shown = members.filter { !Self.isPosition($0) }
    let width = shown.filter { Self.text($0.value)?.isEmpty == false }.map(\.name.utf8.count).max() ?? 0
    for member in shown {
      if let text = Self.text(member.value) {
        if text.isEmpty {
          notFound.append(PrintableText.of(member.name))
        } else {
          let name = PrintableText.of(member.name) + ":" + Self.space(width - member.name.utf8.count + 1)
          let mark = Self.mark(Self.fraction(confidence?[member.name]) ?? Self.fraction(confidence))
          let parts = PrintableText.lines(of: text)
          lines.append(Self.space(indent) + name + (parts.first ?? "") + mark)
          lines += parts.dropFirst().map { Self.space(indent + width + 2) + $0 }
        }
      } else if Self.isWorthShowing(member.value) {
        lines.append(Self.space(indent) + PrintableText.of(member.name) + ":")
        add(value: Self.with(confidence?[member.name], member.value), indent: indent + 2)
      }
    }
  }

  /// The blocks themselves, their number, and a direction that was not asked for (-1).
  private static func isPartOfText(_ member: JSONValue.Member) -> Bool {
    switch member.name {
    case "words_block_list", "words_block_count": true
    case "direction": member.value.textOrNumber.flatMap(Double.init) == -1
    default: false
    }
  }

  /// Passes the confidences of a nested object down to it, unless it has its own.
  private static func with(_ confidence: JSONValue?, _ value: JSONValue) -> JSONValue {
    guard let confidence, case .object(let members) = value, value["confidence"] == nil else { return value }
    return .object(members + [.init(name: "confidence", value: confidence)])
  }

  /// Texts, numbers and flags, and lists of them; nil for what has members.
  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text), .number(let text): return text
    case .bool(let flag): return flag ? "true" : "false"
    case .null: return ""
    case .object: return nil
    case .array(let elements):
      let texts = elements.compactMap(\.textOrNumber)
      return texts.count == elements.count ? texts.joined(separator: ", ") : nil
    }
  }

  /// Corners and boxes: of no use in a text. A text of such a name is a place in the world and is shown.
  private static func isPosition(_ member: JSONValue.Member) -> Bool {
    guard member.value.textOrNumber == nil else { return false }
    return ["location", "position", "polygon"].contains { member.name == $0 || member.name.hasSuffix("_" + $0) }
  }

  private static func isWorthShowing(_ value: JSONValue) -> Bool {
    switch value {
    case .object(let members): !members.isEmpty
    case .array(let elements): elements.contains { $0.members != nil }
    case .null, .bool, .number, .string: true
    }
  }

  private static func mark(_ confidence: Double?) -> String {
    guard let confidence else { return "" }
    return confidence < doubt ? "  (\(percent(confidence)), doubtful)" : "  (\(percent(confidence)))"
  }

  private static func fraction(_ value: JSONValue?) -> Double? {
    guard case .number(let text) = value, let number = Double(text), (0...1).contains(number) else { return nil }
    return number
  }

  private static func percent(_ fraction: Double) -> String { "\(Int((fraction * 100).rounded(.down))) %" }

  private static func space(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
