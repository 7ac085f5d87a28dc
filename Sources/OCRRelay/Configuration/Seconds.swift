/// Seconds as people write them, `30` or `0.5`, exact to the millisecond.
enum Seconds {
  /// The duration; nil when the text is not a number or has more than three decimal places.
  static func parse(_ text: String) -> Duration? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = digits(parts[0], atMost: 9) else { return nil }
    guard parts.count == 2 else { return .seconds(whole) }
    guard let fraction = digits(parts[1], atMost: 3) else { return nil }
    let scale = [1: 100, 2: 10, 3: 1][parts[1].utf8.count] ?? 0
    return .seconds(whole) + .milliseconds(fraction * scale)
  }

  /// The shortest text that ``parse(_:)`` reads back.
  static func text(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let milliseconds = attoseconds / 1_000_000_000_000_000
    guard milliseconds > 0 else { return String(seconds) }
    var fraction = String(1000 + milliseconds).dropFirst()
    while fraction.last == "0" { fraction.removeLast() }
    return "\(seconds).\(fraction)"
  }

  private static func digits(_ text: Substring, atMost count: Int) -> Int? {
    guard (1...count).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return Int(text)
  }
}
