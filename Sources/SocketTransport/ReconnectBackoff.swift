internal import EventLoop

/// How long to wait before the next attempt to connect: doubling within bounds, with jitter so that a fleet that lost
/// its server together does not come back together.
package struct ReconnectBackoff {
  package let bounds: ClosedRange<Duration>
  private var attempts = 0

  package init(bounds: ClosedRange<Duration>) {
    self.bounds = bounds
  }

  /// The next delay: between half of the doubled base and all of it.
  package mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
    let base = bounds.lowerBound * (1 << min(attempts, 16))
    attempts += 1
    let limit = min(base, bounds.upperBound).saturatingNanoseconds
    return .nanoseconds(Int64.random(in: limit / 2...max(limit, 1), using: &random))
  }

  /// The connection proved usable: start over.
  package mutating func reset() {
    attempts = 0
  }
}
