/// One thing that was looked at, and what to do about it.
public struct Finding: Sendable, Equatable {
  /// How it is.
  public enum Level: String, Sendable, CaseIterable {
    /// As it should be.
    case ok
    /// It works, and could turn into trouble.
    case warn
    /// The relay cannot do its work.
    case fail
    /// Not looked at; the text says why.
    case skip
  }

  /// What it belongs to: `configuration`, `broker`, `topology`, `service`, `redis`, `machine`.
  public var area: String
  /// What was looked at, in a few words.
  public var check: String
  /// How it is.
  public var level: Level
  /// What was seen. Never a secret.
  public var detail: String
  /// What to do; nil when there is nothing to do.
  public var advice: String?

  /// A finding.
  public init(
    _ area: String, _ check: String, _ level: Level, _ detail: String, advice: String? = nil
  ) {
    self.area = area
    self.check = check
    self.level = level
    self.detail = detail
    self.advice = advice
  }
}
