public import OCRContract

/// How long a request waits before it is looked at again.
public struct RetryPause: Sendable, Equatable {
  /// The queue to wait in.
  public var level: RetryLevel
  /// The whole wait, when it is longer than that of the level: the request then waits again instead of being called
  /// too early.
  public var atLeast: Duration?

  /// The shortest pause of at least `wait`.
  public init(covering wait: Duration) {
    level = .covering(wait)
    atLeast = wait > level.delay ? wait : nil
  }
}
