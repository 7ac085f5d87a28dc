/// What the relay tells about its work.
public struct LogSettings: Sendable, Equatable {
  /// The least important lines that are written.
  public enum Level: String, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
  }

  /// The form of a line.
  public enum Format: String, Sendable, CaseIterable {
    /// For people.
    case text
    /// One JSON object a line, for collectors.
    case json
  }

  /// The least important lines that are written.
  public var level = Level.info
  /// The form of a line.
  public var format = Format.text
}
