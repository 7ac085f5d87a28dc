/// The health endpoint cannot be served.
public struct HealthServerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One sentence for the operator.
  public let description: String
}
