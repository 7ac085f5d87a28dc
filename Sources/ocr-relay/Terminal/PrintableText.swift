/// Text from outside, made safe for a terminal: recognised text and messages of services may contain anything, also
/// sequences that move the cursor or turn the direction of writing.
enum PrintableText {
  /// The text with a mark in place of everything that a terminal would not just show.
  static func of(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(isUnsafe(scalar) ? "\u{FFFD}" : scalar) }
    return String(result)
  }

  /// The lines of a text, each safe.
  static func lines(of text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).map { of(String($0)) }
  }

  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control: scalar != "\t"
    case .format: scalar != "\u{200C}" && scalar != "\u{200D}"
    case .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
    default: false
    }
  }
}
