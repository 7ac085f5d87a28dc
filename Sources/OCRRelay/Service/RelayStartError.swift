/// Why the service cannot start at all, for example because a file named in the configuration is missing.
public struct RelayStartError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One sentence for the operator.
  public let description: String
}
