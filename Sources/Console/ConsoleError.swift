/// Why the console cannot work: one sentence for people.
public struct ConsoleError: Error, Sendable, CustomStringConvertible {
  /// What is wrong, and what to do.
  public let description: String

  /// An error with this explanation.
  public init(_ description: String) { self.description = description }
}
