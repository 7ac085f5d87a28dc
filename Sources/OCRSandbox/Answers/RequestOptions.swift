/// The parameters of one call besides the document, already checked against the API's rules.
struct RequestOptions: Sendable {
  private let json: JSONValue
  private let known: Set<String>

  init(_ json: JSONValue, for specification: APISpecification) {
    self.json = json
    known = Set(specification.parameters.map(\.name))
  }

  /// True when the parameter was sent as true.
  func isOn(_ name: String) -> Bool { known.contains(name) && json[name]?.boolean == true }

  /// True when the API has such a parameter at all.
  func isKnown(_ name: String) -> Bool { known.contains(name) }

  /// The text of a parameter.
  func text(_ name: String) -> String? { known.contains(name) ? json[name]?.text : nil }

  /// The texts of a list parameter.
  func texts(_ name: String) -> [String] { known.contains(name) ? (json[name]?.elements ?? []).compactMap(\.text) : [] }
}
