/// Names and values of a query or of a form.
struct FormValues: Sendable, Equatable {
  /// More than any page of ours sends.
  private static let mostFields = 64

  private var values: [String: [String]] = [:]

  /// Nothing.
  init() {}

  /// Reads `a=b&c=d`; nil when an escape is broken or there are too many.
  init?(_ text: some StringProtocol) {
    let fields = text.split(separator: "&")
    guard fields.count <= Self.mostFields else { return nil }
    for field in fields {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentText.decode(parts[0], plusIsBlank: true),
        let value = PercentText.decode(parts.count == 2 ? parts[1] : "", plusIsBlank: true)
      else { return nil }
      values[name, default: []].append(value)
    }
  }

  /// The value of a name; nil when it is missing, or there are several: no form of ours sends one twice.
  subscript(_ name: String) -> String? {
    guard let found = values[name], found.count == 1 else { return nil }
    return found[0]
  }

  /// All of it again, but for one name, as a query.
  func text(without name: String) -> String {
    let fields = values.filter { $0.key != name }.sorted { $0.key < $1.key }
    return fields.flatMap { name, values in
      values.map { PercentText.encode(name) + "=" + PercentText.encode($0) }
    }.joined(separator: "&")
  }

  /// Whether a name is there, with whatever value.
  func has(_ name: String) -> Bool { values[name] != nil }
}
