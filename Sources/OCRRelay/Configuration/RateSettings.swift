public import RelayCore

/// How many calls are made.
public struct RateSettings: Sendable, Equatable {
  /// Who keeps the rate.
  public enum Store: String, Sendable, CaseIterable {
    /// Each relay for itself.
    case memory
    /// All relays together.
    case redis
  }

  /// Who keeps the rate.
  public var store = Store.memory
  /// The most relays that share the rate: each takes its part of it as long as Redis has not counted them.
  public var mostRelays = 10
  /// Limits that are kept whatever the service allows.
  public var limits: [RateLimit] = []
  /// Calls per second before anything is known of the service's limit.
  public var startCallsPerSecond = 10
  /// Most calls at the same time; 0 for no bound but that of the service.
  public var maximumConcurrentCalls = 0
  /// Whether now and then a call is tried beyond the limit, to see whether it was raised.
  public var probes = true
  /// The longest that a request is held until its call may be made.
  public var longestHold = Duration.seconds(600)
  /// From this pause on requests go back to the queue instead of being held.
  public var longPause = Duration.seconds(120)
  /// Weights of publishers, as `name=weight`; those that are not named weigh 1.
  public var weights: [NamedWeight] = []
}
