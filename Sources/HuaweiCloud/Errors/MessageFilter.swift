import OCRContract

/// Makes a message of another system fit for replies, logs and headers: one line, short, without what must not be seen.
enum MessageFilter {
  /// Longest message in bytes.
  static let maximumBytes = 240

  /// From these words on a message quotes what was sent: a signed request, or the value of a field.
  private static let echoes = ["canonicalRequest", "The value is"]

  /// The message to publish; nil when nothing is left.
  static func publish(_ message: String) -> String? {
    var text = Array(message.prefix(utf8Bytes: 4096).unicodeScalars.map(visible))
    for echo in echoes {
      if let start = find(Array(echo.unicodeScalars), in: text) { text.removeSubrange(start...) }
    }
    let words = text.split(separator: " ").map { mask(String(String.UnicodeScalarView($0))) }
    let line = words.joined(separator: " ")
    return line.isEmpty ? nil : line.prefix(utf8Bytes: maximumBytes)
  }

  /// An id of a call as other systems send them: short visible ASCII. Anything else is dropped.
  static func requestID(_ id: String?) -> String? {
    guard let id, !id.isEmpty, id.utf8.count <= 128, id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    return id
  }

  /// A code to publish, cut like a message but without spaces.
  static func code(_ code: String?) -> String? {
    guard let code, !code.isEmpty else { return nil }
    return publish(code)?.prefix(utf8Bytes: 64)
  }

  private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: " "
    default: scalar
    }
  }

  private static func find(_ needle: [Unicode.Scalar], in text: [Unicode.Scalar]) -> Int? {
    guard needle.count <= text.count else { return nil }
    return (0...(text.count - needle.count)).first { text[$0...].starts(with: needle) }
  }

  /// Replaces a word that is an address (its query may be a signature, its path a secret), contains `sk-`, or is longer
  /// than any word of a sentence, as keys and tokens are. Long words of other scripts than Latin stay.
  private static func mask(_ word: String) -> String {
    let looksLikeKey = word.utf8.count > 64 && word.utf8.allSatisfy { $0 < 0x80 }
    return looksLikeKey || has("://", word) || has("sk-", word) ? "…" : word
  }

  private static func has(_ part: String, _ word: String) -> Bool {
    var cursor = TextCursor(word)
    return cursor.skip(past: part)
  }
}
