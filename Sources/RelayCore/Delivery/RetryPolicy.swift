public import OCRContract

/// How often and when a request is tried again.
public struct RetryPolicy: Sendable, Equatable {
  /// Most attempts in all, the first included.
  public var maximumAttempts: Int
  /// Whether retry levels may be used; without them a failure that may pass is final.
  public var isEnabled: Bool

  /// A policy; the default gives up after five attempts.
  public init(maximumAttempts: Int = 5, isEnabled: Bool = true) {
    self.maximumAttempts = maximumAttempts
    self.isEnabled = isEnabled
  }

  /// The level to wait in after `attempts` attempts that ended in `failure`; nil when the request is given up.
  public func level(after attempts: Int, _ failure: CallFailure) -> RetryLevel? {
    guard isEnabled, attempts < min(maximumAttempts, failure.maxAttempts ?? .max) else { return nil }
    let levels: [RetryLevel] = [.twoSeconds, .tenSeconds, .oneMinute, .tenMinutes]
    let regular = levels[min(max(attempts, 1), levels.count) - 1]
    guard let minimum = failure.throttle?.retryAfter ?? failure.minimumWait else { return regular }
    return max(regular, RetryLevel.covering(minimum))
  }

  /// The level for a request that waits without having been tried: the service or the credential failed, or calls are
  /// throttled. Counts no attempt.
  public func levelWithoutAttempt(_ failure: CallFailure) -> RetryLevel {
    RetryLevel.covering(failure.throttle?.retryAfter ?? failure.minimumWait ?? .seconds(2))
  }
}
