/// What to do with answers that their targets do not take, because the queue is gone or full: pure decisions.
///
/// An answer is published again a few times with growing pauses, as its requester may be about to come back, and then
/// parked. A target that failed several times in a row is down: for a while answers to it are parked at once, or those of
/// one requester would hold every delivery that the relay may have in work. After the pause one answer is tried.
public struct ReplyBreaker: Sendable {
  /// How patient to be.
  public struct Policy: Sendable, Equatable {
    /// Most publishes of one answer, the first included.
    public var maximumPublishes: Int
    /// Pause before the second publish; each further one is four times as long.
    public var firstPause: Duration
    /// Failures of a target in a row after which it is down.
    public var failures: Int
    /// How long a target that is down is left alone.
    public var downTime: Duration

    /// A policy; the default tries three times within ten seconds.
    public init(
      maximumPublishes: Int = 3, firstPause: Duration = .seconds(2), failures: Int = 10,
      downTime: Duration = .seconds(60)
    ) {
      self.maximumPublishes = maximumPublishes
      self.firstPause = firstPause
      self.failures = failures
      self.downTime = downTime
    }
  }

  /// Where an answer goes.
  public struct Target: Sendable, Hashable {
    /// The exchange; empty for the default one.
    public var exchange: String
    /// The routing key, or the queue.
    public var routingKey: String

    /// A target.
    public init(exchange: String, routingKey: String) {
      self.exchange = exchange
      self.routingKey = routingKey
    }
  }

  /// What becomes of an answer.
  public enum Verdict: Sendable, Equatable {
    /// Publish it again after a pause.
    case publishAgain(after: Duration)
    /// Give it to the queue for answers that nobody takes.
    case park
  }

  private struct Trouble: Sendable {
    var failures = 0
    var lastFailure = Duration.zero
    var downUntil: Duration?
  }

  /// Targets watched at the same time; beyond it each answer is judged for itself.
  public static let capacity = 1_024
  /// Longest pause between two publishes of an answer.
  static let longestPause = Duration.seconds(20)

  private let policy: Policy
  private var troubles: [Target: Trouble] = [:]

  /// A breaker that knows of no trouble.
  public init(policy: Policy = Policy()) {
    self.policy = policy
  }

  /// Targets with failures.
  public var count: Int { troubles.count }

  /// Whether an answer may be published to a target. When the pause of one that is down is over, this is the one that
  /// tries, and the others go on waiting for what comes of it.
  public mutating func admits(_ target: Target, now: Duration) -> Bool {
    guard !troubles.isEmpty, let end = troubles[target]?.downUntil else { return true }
    guard now >= end else { return false }
    troubles[target]?.downUntil = now + policy.downTime
    return true
  }

  /// A target took an answer.
  public mutating func delivered(to target: Target) {
    guard !troubles.isEmpty else { return }
    troubles[target] = nil
  }

  /// A target did not take an answer, which was the `publishes`-th time for it.
  public mutating func failed(_ target: Target, publishes: Int, now: Duration) -> Verdict {
    let isDown = note(target, now)
    guard !isDown, publishes < policy.maximumPublishes else { return .park }
    let pause = policy.firstPause * (1 << min(2 * max(0, publishes - 1), 16))
    return .publishAgain(after: min(pause, Self.longestPause))
  }

  /// Counts a failure; true when the target is down.
  private mutating func note(_ target: Target, _ now: Duration) -> Bool {
    if troubles[target] == nil {
      makeRoom(now)
      guard troubles.count < Self.capacity else { return false }
    }
    var trouble = troubles[target, default: Trouble()]
    trouble.failures = min(trouble.failures + 1, policy.failures)
    trouble.lastFailure = now
    if trouble.failures >= policy.failures { trouble.downUntil = now + policy.downTime }
    troubles[target] = trouble
    return trouble.downUntil != nil
  }

  /// Forgets old troubles when there is no room for a new one.
  private mutating func makeRoom(_ now: Duration) {
    guard troubles.count >= Self.capacity else { return }
    troubles = troubles.filter { now - $0.value.lastFailure < policy.downTime * 2 }
  }
}
