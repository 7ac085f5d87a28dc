/// Outside text for a report.
enum PrintableASCII {
  /// At most 200 characters; everything that a terminal would not just show becomes a question mark.
  static func text(_ text: String) -> String {
    String(text.unicodeScalars.prefix(200).map { (0x20...0x7E).contains($0.value) ? Character($0) : "?" })
  }
}
