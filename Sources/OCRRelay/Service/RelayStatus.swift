/// What a running relay looks like at one moment; for health checks and tests.
public struct RelayStatus: Sendable, Equatable {
  /// Whether the broker delivers requests to this process.
  public var isConsuming = false
  /// Whether answers can be published.
  public var canPublish = false
  /// Seconds until the token ends; nil without one.
  public var tokenSecondsLeft: Int64?
  /// Whether requests are taken without restraint.
  public var isGateOpen = true
  /// The code of the failure that keeps requests in the queue.
  public var gateReason: String?
  /// Requests in work.
  public var inFlight = 0
  /// What was done so far.
  public var counters = RelayCounters()
}
