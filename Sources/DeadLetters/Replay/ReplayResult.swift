/// What a replay has done so far, or in the end.
public struct ReplayResult: Sendable, Equatable {
  /// Why it ended before all letters were sent.
  public enum Stop: Sendable, Equatable {
    /// A canary died again with this code.
    case canaryDied(code: String)
    /// Nobody told what became of a canary.
    case canarySilent
    /// Too many letters died again or could not be moved.
    case failures
    /// Somebody has stopped it.
    case operatorStopped
  }

  /// Letters of the plan.
  public var planned = 0
  /// Letters that had been sent by an earlier run of the plan.
  public var sentBefore = 0
  /// Letters that this run has sent.
  public var sent = 0
  /// Sent letters that were recognised.
  public var recognised = 0
  /// Sent letters that failed again, by code.
  public var failedAgain: [String: Int] = [:]
  /// Sent letters of which nothing was heard.
  public var silent = 0
  /// Letters that could not be sent and stay where they are, by reason.
  public var notMoved: [String: Int] = [:]
  /// Planned letters that are in their queues no more.
  public var gone = 0
  /// Why it ended early.
  public var stop: Stop?

  /// Nothing done yet.
  public init() {}

  /// Letters that failed again or could not be moved.
  public var failures: Int {
    failedAgain.values.reduce(0, +) + notMoved.values.reduce(0, +)
  }

  /// Letters of the plan that are still to be sent.
  public var remaining: Int { max(0, planned - sentBefore - sent - gone) }
}
