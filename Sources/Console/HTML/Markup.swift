/// Text of a page. What is written in the program's own literals is markup; every value that is put into one is escaped,
/// for text and for attributes in quotes alike.
struct Markup: Sendable, Equatable {
  /// The HTML.
  private(set) var text: String

  /// Nothing.
  static let none: Markup = ""

  private init(raw text: String) { self.text = text }

  /// The parts, one after the other.
  static func all(_ parts: [Markup]) -> Markup { Markup(raw: parts.map(\.text).joined()) }

  /// The parts with something between them.
  static func joined(_ parts: [Markup], by separator: Markup) -> Markup {
    Markup(raw: parts.map(\.text).joined(separator: separator.text))
  }

  /// Outside text made harmless: markup is escaped, and what would change how other text is read, such as control
  /// characters and turns of the writing direction, is replaced.
  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      default: result.unicodeScalars.append(isHarmless(scalar) ? scalar : "\u{FFFD}")
      }
    }
    return result
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF, 0xFFF9...0xFFFB: false
    case 0xE0000...0xE0FFF: false
    default: true
    }
  }
}

extension Markup: ExpressibleByStringInterpolation {
  /// Markup that the program itself wrote.
  init(stringLiteral value: String) { text = value }

  /// Markup with values in it.
  init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  /// Puts a literal together.
  struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { text += literal }

    mutating func appendInterpolation(_ value: String) { text += Markup.escaped(value) }

    mutating func appendInterpolation(_ value: some BinaryInteger) { text += String(value) }

    mutating func appendInterpolation(_ value: Markup) { text += value.text }

    mutating func appendInterpolation(_ values: [Markup]) { for value in values { text += value.text } }
  }
}
