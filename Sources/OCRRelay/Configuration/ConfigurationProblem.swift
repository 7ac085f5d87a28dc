/// One thing that is wrong with the configuration: where, what, and what would be right. Never shows a secret.
public struct ConfigurationProblem: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where a setting was written.
  public enum Place: Sendable, Equatable, CustomStringConvertible {
    /// A line of the configuration file.
    case file(path: String, line: Int)
    /// An environment variable.
    case variable(String)
    /// Nowhere: the default applies.
    case nowhere

    /// `path:line` or the variable's name.
    public var description: String {
      switch self {
      case .file(let path, let line): "\(path):\(line)"
      case .variable(let name): "environment variable \(name)"
      case .nowhere: "configuration"
      }
    }
  }

  /// Where the mistake is.
  public var place: Place
  /// What is wrong there, with the key, and what would be right.
  public var message: String

  /// One line: place and message.
  public var description: String { "\(place): \(message)" }
}
