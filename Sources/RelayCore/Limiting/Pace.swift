/// How far apart calls are begun, and how much of a delay may be made up for.
///
/// Nobody knows where the service's window begins, so calls are spread evenly: then every window looks the same. With a
/// limit of `L` calls in `W`, calls `(W + margin) / L` apart, `L + 1` of them take at least `W + margin`. A third of the
/// margin is the tolerance, for a timer that fires late; the rest is for the network, which may bring calls closer together
/// than they were sent.
///
/// Several windows at once need no more than the strictest pace among them: without bursts, whoever keeps the longest
/// interval keeps the others.
public struct Pace: Sendable, Hashable {
  /// Time between two calls; zero means no bound.
  public var interval: Duration
  /// How late a call may be without those after it being moved.
  public var tolerance: Duration

  /// Makes a pace.
  public init(interval: Duration, tolerance: Duration) {
    self.interval = interval
    self.tolerance = tolerance
  }

  /// No bound at all.
  public static let unbounded = Pace(interval: .zero, tolerance: .zero)

  /// Uses `share` of a limit, and the rest of it as the margin; less of a short window, since a network's jitter does not
  /// shrink with it. A share of 1 or more, which a probe takes on purpose, has no margin, and just the tolerance that timers
  /// need: without it a leased slot would be over whenever a timer wakes for it.
  public init(_ limit: RateLimit, share: Double) {
    let margin = share < 1 ? max(limit.window * (1 / share - 1), Self.leastMargin) : .zero
    let interval = (limit.window + margin) / (max(share, 1) * Double(limit.calls))
    self.init(
      interval: max(interval, Self.shortestInterval),
      tolerance: share < 1 ? min(margin / 3, Self.longestTolerance) : Self.timerSlack)
  }

  /// A pace that no window is known for.
  public init(callsPerSecond: Double) {
    self.init(interval: max(.seconds(1) / callsPerSecond, Self.shortestInterval), tolerance: Self.timerSlack)
  }

  /// The longer interval and the smaller tolerance of two paces.
  public func stricter(_ other: Pace) -> Pace {
    guard interval > .zero else { return other }
    guard other.interval > .zero else { return self }
    return Pace(interval: max(interval, other.interval), tolerance: min(tolerance, other.tolerance))
  }

  /// Calls per second; infinite without a bound.
  public var callsPerSecond: Double { interval > .zero ? .seconds(1) / interval : .infinity }

  /// What a network's jitter and a busy machine's timers may take together.
  static let leastMargin = Duration.milliseconds(40)
  /// A million calls per second are no bound in practice.
  static let shortestInterval = Duration.microseconds(1)
  /// How late timers are on a busy machine.
  static let timerSlack = Duration.milliseconds(20)
  /// A cut hits the sooner the less was made up for at once.
  static let longestTolerance = Duration.seconds(1)
}
