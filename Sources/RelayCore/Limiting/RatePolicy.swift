/// What an operator says about the rate of calls, and how the rest is learnt.
public struct RatePolicy: Sendable, Equatable {
  /// Limits that are kept whatever the service says.
  public var limits: [RateLimit]
  /// Calls per second before anything is known; a configured limit takes its place.
  public var startCallsPerSecond: Double
  /// The part of a known limit that is used; the rest is for the network's jitter. See ``Pace``.
  public var share: Double
  /// Whether the limit is exceeded by a call or two from time to time, to see whether the service raised it.
  public var probes: Bool
  /// The window assumed when a refusal names none.
  public var assumedWindow: Duration
  /// The pause after a refusal that names neither a window nor a wait.
  public var pause: Duration

  /// A policy; the defaults know no limit.
  public init(
    limits: [RateLimit] = [], startCallsPerSecond: Double = 10, share: Double = 0.97, probes: Bool = true,
    assumedWindow: Duration = .seconds(10), pause: Duration = .seconds(3)
  ) {
    self.limits = limits
    self.startCallsPerSecond = startCallsPerSecond
    self.share = share
    self.probes = probes
    self.assumedWindow = assumedWindow
    self.pause = pause
  }

  /// The strictest pace of the configured limits; nil without any.
  var configuredPace: Pace? {
    limits.isEmpty ? nil : limits.reduce(.unbounded) { $0.stricter(Pace($1, share: share)) }
  }
}
