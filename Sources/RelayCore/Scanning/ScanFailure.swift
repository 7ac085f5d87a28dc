/// Why bytes are not the JSON object they ought to be, and at which byte.
public struct ScanFailure: Error, Sendable, Equatable {
  /// What is wrong.
  public enum Reason: Sendable, Equatable {
    case empty
    case byteOrderMark
    case notAnObject
    case truncated
    case unexpectedByte
    case notANumber
    case badLiteral
    case badNumber
    case badEscape
    case controlCharacter
    case escapedName
    case duplicateName
    case tooDeep
    case tooManyMembers
    case trailingBytes
    case tooLong
  }

  /// What is wrong.
  public let reason: Reason
  /// Byte offset in the scanned bytes, counted from 0.
  public let offset: Int

  /// A failure from its parts.
  public init(reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  /// A sentence for the error reply. It never quotes the bytes: they may be personal data.
  public var text: String { "\(explanation), at byte \(offset)" }

  private var explanation: String {
    switch reason {
    case .empty: "there is no JSON at all"
    case .byteOrderMark: "a byte order mark stands before the JSON; send plain UTF-8"
    case .notAnObject: "the JSON must be an object, { … }"
    case .truncated: "the JSON ends too early"
    case .unexpectedByte: "the JSON is malformed"
    case .notANumber: "NaN and Infinity do not exist in JSON"
    case .badLiteral: "the JSON has a word other than true, false and null"
    case .badNumber: "the JSON has a malformed number"
    case .badEscape: "the JSON has a malformed escape sequence"
    case .controlCharacter: "the JSON has an unescaped control character inside a string"
    case .escapedName: "a member name is written with escape sequences; write it plainly"
    case .duplicateName: "the JSON has the same member name twice"
    case .tooDeep: "the JSON is nested deeper than \(BodyScanner.maxDepth) levels"
    case .tooManyMembers: "the JSON object has more than \(ScannedMembers.capacity) members"
    case .trailingBytes: "something follows the end of the JSON object"
    case .tooLong: "the JSON is longer than 2 GiB"
    }
  }
}
