/// A piece of a YAML document and where it stands. Scalars stay text: what a value means is up to the setting it is
/// for, so that `off` is a word and not, as in YAML 1.1, a boolean.
struct YAMLNode: Sendable {
  /// A position in the file, counted from 1.
  struct Mark: Sendable, Equatable {
    var line: Int
    var column: Int
  }

  /// One key of a mapping with its value.
  struct Entry: Sendable {
    var key: String
    var mark: Mark
    var value: YAMLNode
  }

  enum Content: Sendable {
    /// Nothing was written, or `~` or `null`.
    case empty
    case scalar(String)
    case sequence([YAMLNode])
    /// In the order of the file; no key occurs twice.
    case mapping([Entry])
  }

  var content: Content
  var mark: Mark
}
