/// Why a text is not the JSON that was expected.
package struct JSONError: Error, Equatable, CustomStringConvertible {
  /// What was found wrong.
  package enum Reason: String, Sendable {
    case unexpectedEnd = "the text ends too early"
    case unexpectedByte = "a byte does not belong here"
    case invalidNumber = "a number is not written correctly"
    case invalidEscape = "an escape in a string is not valid"
    case invalidUTF8 = "a string is not valid UTF-8"
    case controlCharacter = "a string contains a raw control character"
    case tooDeep = "the nesting is too deep"
    case tooLarge = "the text is too large"
    case trailingBytes = "something follows the document"
  }

  /// What was found wrong.
  package var reason: Reason
  /// Where, counted in bytes from the beginning.
  package var offset: Int

  /// For people; holds nothing of the text.
  package var description: String { "\(reason.rawValue) (byte \(offset))" }
}
