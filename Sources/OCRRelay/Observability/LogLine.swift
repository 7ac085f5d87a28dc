/// Builds log lines. Pure.
enum LogLine {
  private static let maximumValueBytes = 512
  /// What a pipe takes without waiting for its reader, and in one piece; fields that do not fit are left out.
  private static let maximumLineBytes = 4_096

  static func text(time: String, level: String, message: String, _ fields: [(String, String)]) -> String {
    var line = "\(time) \(level) \(escaped(message, quoted: false))"
    for (key, value) in fields {
      let shown = escaped(value, quoted: true)
      append(" \(key)=\(needsQuotes(value) ? "\"\(shown)\"" : shown)", to: &line)
    }
    return line + "\n"
  }

  static func json(time: String, level: String, message: String, _ fields: [(String, String)]) -> String {
    var line = "{\"time\":\"\(time)\",\"level\":\"\(level)\",\"message\":\"\(escaped(message, quoted: true))\""
    for (key, value) in fields {
      append(",\"\(escaped(key, quoted: true))\":\"\(escaped(value, quoted: true))\"", to: &line)
    }
    return line + "}\n"
  }

  private static func append(_ field: String, to line: inout String) {
    if line.utf8.count + field.utf8.count + "}\n".utf8.count <= maximumLineBytes { line += field }
  }

  /// Fields by name, but what happened first and what to do about it last, as people read.
  static func ordered(_ fields: [(String, String)]) -> [(String, String)] {
    func rank(_ key: String) -> Int { key == "reason" ? 0 : key == "advice" ? 2 : 1 }
    return fields.sorted { (rank($0.0), $0.0) < (rank($1.0), $1.0) }
  }

  private static func needsQuotes(_ value: String) -> Bool {
    value.isEmpty
      || value.unicodeScalars.contains { $0.value <= 0x20 || $0.value >= 0x7F || "\"=\\".unicodeScalars.contains($0) }
  }

  private static func escaped(_ text: String, quoted: Bool) -> String {
    var result = ""
    var bytes = 0
    for scalar in text.unicodeScalars {
      bytes += UTF8.width(scalar)
      guard bytes <= maximumValueBytes else { return result + "…" }
      switch scalar {
      case "\"" where quoted: result += "\\\""
      case "\\" where quoted: result += "\\\\"
      case _ where isUnsafe(scalar): result += escapeSequence(scalar)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Control characters, line separators and characters that reorder text.
  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }

  private static func escapeSequence(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
