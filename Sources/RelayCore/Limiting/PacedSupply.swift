/// Permits of one process that shares its limit with nobody: the generic cell rate algorithm.
///
/// One time is all there is to remember: when the next call is due. A call is allowed from the tolerance before it.
public struct PacedSupply: Sendable {
  /// How far apart calls are.
  public var pace: Pace
  /// When the next call is due, in the time of the caller.
  public private(set) var due: Duration

  /// A supply that allows a call at once.
  public init(pace: Pace, now: Duration = .zero) {
    self.pace = pace
    due = now
  }

  /// When the next call is allowed.
  public var earliest: Duration { due - pace.tolerance }

  /// Takes a permit if there is one now.
  public mutating func take(now: Duration) -> Bool {
    guard pace.interval > .zero else { return true }
    guard now >= earliest else { return false }
    due = max(due, now) + pace.interval
    return true
  }

  /// Waits no longer than the pace of now asks for, whatever it was before.
  mutating func hasten(now: Duration) {
    due = min(due, now + pace.interval + pace.tolerance)
  }

  /// Allows nothing before this time.
  public mutating func hold(until time: Duration) {
    due = max(due, time + pace.tolerance)
  }
}
