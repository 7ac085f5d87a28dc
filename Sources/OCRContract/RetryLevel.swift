/// A queue in which a request waits before its next attempt. The wait is fixed for each queue, because a time-to-live
/// for each message would block behind the head of the queue.
public enum RetryLevel: String, CaseIterable, Sendable, Comparable {
  case twoSeconds = "2s"
  case tenSeconds = "10s"
  case oneMinute = "1m"
  case tenMinutes = "10m"
  case oneHour = "1h"

  /// How long a message stays.
  public var delay: Duration {
    switch self {
    case .twoSeconds: .seconds(2)
    case .tenSeconds: .seconds(10)
    case .oneMinute: .seconds(60)
    case .tenMinutes: .seconds(600)
    case .oneHour: .seconds(3600)
    }
  }

  /// The queue, such as `ocr.retry.10s`.
  public var queue: String { QueueName.retryPrefix + rawValue }

  /// The routing key at ``ExchangeName/retry``.
  public var routingKey: String { rawValue }

  /// Orders by waiting time.
  public static func < (left: RetryLevel, right: RetryLevel) -> Bool { left.delay < right.delay }

  /// The shortest level that waits at least this long; the longest level if none does.
  public static func covering(_ wait: Duration) -> RetryLevel {
    allCases.first { $0.delay >= wait } ?? .oneHour
  }
}
