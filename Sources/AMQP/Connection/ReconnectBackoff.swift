internal import EventLoop

/// How long to wait before the next attempt to connect: doubling within bounds, with jitter so that a fleet that lost
/// its broker together does not come back together.
struct ReconnectBackoff {
  let bounds: ClosedRange<Duration>
  private var attempts = 0

  init(bounds: ClosedRange<Duration>) {
    self.bounds = bounds
  }

  /// The next delay: between half of the doubled base and all of it.
  mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
    let base = bounds.lowerBound * (1 << min(attempts, 16))
    attempts += 1
    let limit = min(base, bounds.upperBound).saturatingNanoseconds
    return .nanoseconds(Int64.random(in: limit / 2...max(limit, 1), using: &random))
  }

  /// The connection proved usable: start over.
  mutating func reset() {
    attempts = 0
  }
}
