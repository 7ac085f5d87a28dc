/// The failures before a replay, as the header `ocr-history` keeps them: `<code>@<milliseconds since 1970>`, the latest
/// last.
enum ReplayHistory {
  /// Failures that are kept.
  static let limit = 10
  private static let longestEntry = 80

  /// The history with the letter's own failure at its end.
  static func adding(_ letter: LetterRecord) -> String {
    let earlier = (letter.history ?? "").split(separator: " ").filter { $0.utf8.count <= longestEntry }
    let own = "\(letter.code.prefix(48))@\(letter.lastFailedAt ?? 0)"
    return (earlier.suffix(limit - 1).map(String.init) + [own]).joined(separator: " ")
  }
}
