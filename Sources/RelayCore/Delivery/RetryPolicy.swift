internal import OCRContract

/// How often and when a request is tried again.
public struct RetryPolicy: Sendable, Equatable {
  /// Most attempts in all, the first included.
  public var maximumAttempts: Int
  /// Whether retry levels may be used; without them a failure that may pass is final.
  public var isEnabled: Bool
  /// How long after its first failure a request is given up, however that failure came about: no outage keeps requests
  /// for ever.
  public var giveUpAfter: Duration

  /// A policy; the default gives up after five attempts.
  public init(maximumAttempts: Int = 5, isEnabled: Bool = true, giveUpAfter: Duration = .seconds(86_400)) {
    self.maximumAttempts = maximumAttempts
    self.isEnabled = isEnabled
    self.giveUpAfter = giveUpAfter
  }

  /// The pause after `attempts` attempts that ended in `failure`; nil when the request is given up. `later` asks for a
  /// pause so many levels longer than the regular one, to spread retries or to make fewer of them.
  public func pause(after attempts: Int, _ failure: CallFailure, later: Int = 0) -> RetryPause? {
    guard isEnabled, attempts < min(maximumAttempts, failure.maxAttempts ?? .max) else { return nil }
    let regular = Self.level(max(attempts, 1) - 1, later)
    return RetryPause(covering: max(regular.delay, failure.demandedWait ?? .zero))
  }

  /// The pause of a request that waits without having been tried: the service or the credential failed, or calls are
  /// throttled. Counts no attempt.
  public func pauseWithoutAttempt(_ failure: CallFailure, later: Int = 0) -> RetryPause {
    RetryPause(covering: failure.demandedWait ?? Self.level(0, later).delay)
  }

  private static let levels: [RetryLevel] = [.twoSeconds, .tenSeconds, .oneMinute, .tenMinutes]

  private static func level(_ index: Int, _ later: Int) -> RetryLevel {
    levels[min(index, levels.count) + min(max(later, 0), levels.count), default: .tenMinutes]
  }
}

extension [RetryLevel] {
  fileprivate subscript(index: Int, default last: RetryLevel) -> RetryLevel {
    indices.contains(index) ? self[index] : last
  }
}

extension CallFailure {
  /// The longest wait that anything about the failure demands.
  var demandedWait: Duration? {
    [minimumWait, throttle?.retryAfter].compactMap { $0 }.max()
  }
}
