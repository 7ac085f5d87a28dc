/// Why sealed bytes cannot be opened.
public enum SealFailure: Error, Sendable, Hashable {
  /// They are not what a sealer makes: too short, or of another version.
  case notSealed
  /// They were sealed with another key.
  case otherKey
  /// They were changed, or belong to another place.
  case damaged
}

extension SealFailure: CustomStringConvertible {
  /// A sentence for a log line.
  public var description: String {
    switch self {
    case .notSealed: "it is not sealed, or by another version"
    case .otherKey: "it was sealed with another key; every relay needs the same seal.key"
    case .damaged: "it was changed, or belongs to another place"
    }
  }
}
