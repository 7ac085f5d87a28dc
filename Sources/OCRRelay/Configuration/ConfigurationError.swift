/// Why a configuration cannot be used: every problem that was found, in the order file, environment, whole.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// At least one.
  public var problems: [ConfigurationProblem]

  /// A line for each problem.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}
