internal import DeadLetters
internal import OCRContract

/// Which letters a page or an action is about, as it stands in addresses and forms.
struct LetterChoice: Sendable, Equatable {
  /// Where they are.
  var isParked = false
  /// A code that this version knows.
  var code: String?
  /// A cause that has a queue.
  var cause: String?
  /// The API that they name.
  var api: String?
  /// The publisher.
  var user: String?
  /// The fingerprint of one letter.
  var letter: String?

  /// Longer names are none that a broker lets through.
  private static let longestName = 255

  /// All dead letters.
  init() {}

  /// Reads it from a query or a form; nil when something in it cannot be meant.
  init?(_ values: FormValues) {
    switch values["place"] {
    case nil where values.has("place"): return nil
    case nil, "dead": isParked = false
    case "parked": isParked = true
    default: return nil
    }
    for (name, path) in Self.fields where values.has(name) {
      guard let value = values[name], value.utf8.count <= Self.longestName else { return nil }
      if !value.isEmpty { self[keyPath: path] = value }
    }
    if let code, ErrorCode(rawValue: code) == nil { return nil }
    if let cause, ErrorClass(rawValue: cause)?.deadLetterQueue == nil { return nil }
    if let letter, LetterID(text: letter) == nil { return nil }
  }

  /// The letters of a group on the page of causes.
  static func group(code: String, cause: String, isParked: Bool) -> LetterChoice {
    var choice = LetterChoice()
    choice.isParked = isParked
    if ErrorCode(rawValue: code) != nil {
      choice.code = code
    } else if ErrorClass(rawValue: cause)?.deadLetterQueue != nil {
      choice.cause = cause
    }
    return choice
  }

  /// One letter.
  static func one(_ letter: String, isParked: Bool) -> LetterChoice {
    var choice = LetterChoice()
    choice.isParked = isParked
    choice.letter = letter
    return choice
  }

  private static let fields: [(String, any WritableKeyPath<LetterChoice, String?> & Sendable)] = [
    ("code", \.code), ("cause", \.cause), ("api", \.api), ("user", \.user), ("letter", \.letter),
  ]

  /// Whether it means every letter of its place.
  var isEverything: Bool { Self.fields.allSatisfy { self[keyPath: $0.1] == nil } }

  /// What it says, for hidden fields of a form.
  var values: [(name: String, value: String)] {
    [("place", isParked ? "parked" : "dead")]
      + Self.fields.compactMap { name, path in self[keyPath: path].map { (name, $0) } }
  }

  /// The same for the end of an address.
  var query: String { values.map { "\($0.name)=\(PercentText.encode($0.value))" }.joined(separator: "&") }

  /// Where they are.
  var place: LetterPlace { isParked ? .parked : .dead }

  /// The filter that means them.
  var filter: LetterFilter {
    var filter = LetterFilter()
    filter.codes = [code].compactMap { $0 }
    filter.causes = [cause].compactMap { $0 }
    filter.apis = [api].compactMap { $0 == LetterStatistics.none ? "" : $0 }
    filter.users = [user].compactMap { $0 == LetterStatistics.none ? "" : $0 }
    filter.ids = [letter].compactMap { $0.map { "#" + $0 } }
    return filter
  }

  /// For people and the audit log.
  var text: String {
    let words = Self.fields.compactMap { name, path in self[keyPath: path].map { "\(name) \($0)" } }
    return (isParked ? "parked: " : "") + (words.isEmpty ? "all" : words.joined(separator: ", "))
  }
}
