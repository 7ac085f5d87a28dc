/// A setting's value as it was written, before anybody knows whether it makes sense.
enum SettingText: Sendable, Equatable {
  /// A scalar of the file, or an environment variable.
  case one(String)
  /// A list of the file.
  case list([String])

  /// One text; nil for a list.
  var single: String? {
    if case .one(let text) = self { text } else { nil }
  }

  /// The parts of a list; a single text is split at its commas, spaces around them do not count.
  var parts: [String] {
    switch self {
    case .list(let items): items
    case .one(let text):
      text.split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed).filter { !$0.isEmpty }
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
