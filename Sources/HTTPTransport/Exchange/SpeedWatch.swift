internal import EventLoop

/// Ends calls that are slower than a limit for too long. Pure: told the time and the bytes.
///
/// The time is cut into quarters of the longest slow time; a call is too slow when it was slow in as many of them on end.
struct SpeedWatch {
  /// When to look next.
  private(set) var next: MonotonicInstant
  private let quarter: Duration
  /// Four times what must move in a quarter: a quarter itself may be less than a byte.
  private let bytesPerDuration: Int
  private var bytesBefore = 0
  private var slowQuarters = 0

  /// Nil when the configuration does not want it.
  init?(_ configuration: HTTPClientConfiguration, start: MonotonicInstant) {
    guard configuration.lowSpeedDuration > .zero else { return nil }
    quarter = .milliseconds(configuration.lowSpeedDuration.wholeSeconds * 250)
    bytesPerDuration = configuration.lowSpeedBytesPerSecond * configuration.lowSpeedDuration.wholeSeconds
    next = start + quarter
  }

  /// Looks at the bytes that the call has moved so far, in both directions; returns whether it is too slow.
  mutating func isTooSlow(bytes: Int, now: MonotonicInstant) -> Bool {
    guard now >= next else { return false }
    slowQuarters = (bytes - bytesBefore) * 4 < bytesPerDuration ? slowQuarters + 1 : 0
    bytesBefore = bytes
    next = now + quarter
    return slowQuarters >= 4
  }
}
