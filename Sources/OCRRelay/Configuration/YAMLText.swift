/// Writes values so that a YAML reader gives them back unchanged.
enum YAMLText {
  /// A text in double quotes when it needs them.
  static func quoted(_ text: String) -> String {
    isPlain(text) ? text : escaped(text)
  }

  /// A list on one line.
  static func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }

  /// Words of letters, digits and a few signs mean themselves, unless YAML has its own meaning for them.
  private static func isPlain(_ text: String) -> Bool {
    let isWord = text.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789._-/".unicodeScalars.contains(scalar))
    }
    let reserved = ["", "~", "null", "true", "false", "yes", "no", "on", "off", "-", "---"]
    return isWord && text.unicodeScalars.first?.properties.isAlphabetic == true && !reserved.contains(text)
  }

  private static func escaped(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\x" + (digits.count == 1 ? "0" : "") + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
