/// A JSON document in memory. Meant for small documents such as error answers; large bodies are scanned, not read.
package enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// The number exactly as written, so that nothing is lost by rounding.
  case number(String)
  case string(String)
  case array([JSONValue])
  /// Members in the order of the text. Of members with the same name the first counts.
  case object([Member])

  /// A name and its value.
  package struct Member: Sendable, Equatable {
    /// The name, unescaped.
    package var name: String
    /// The value.
    package var value: JSONValue

    /// Makes a member.
    package init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// The member of an object; nil when there is none or this is no object.
  package subscript(_ name: String) -> JSONValue? { members?.first { $0.name == name }?.value }

  /// The members of an object.
  package var members: [Member]? { if case .object(let members) = self { members } else { nil } }

  /// The elements of an array.
  package var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

  /// The text of a string.
  package var text: String? { if case .string(let text) = self { text } else { nil } }

  /// The value of a boolean.
  package var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }

  /// A number without fraction and exponent that fits.
  package var integer: Int? { if case .number(let text) = self { Int(text) } else { nil } }

  /// The text of a string or the digits of a number: services send codes either way.
  package var textOrNumber: String? {
    switch self {
    case .string(let text), .number(let text): text
    case .null, .bool, .array, .object: nil
    }
  }

  /// Whether this is JSON's null.
  package var isNull: Bool { self == .null }
}
