/// How many calls are allowed in any stretch of time of a given length.
public struct RateLimit: Sendable, Hashable {
  /// Calls allowed in ``window``; at least 1.
  public var calls: Int
  /// The length of the stretch; longer than zero.
  public var window: Duration

  /// A limit; values that make no sense are raised to one call and one millisecond.
  public init(calls: Int, window: Duration) {
    self.calls = max(1, calls)
    self.window = max(.milliseconds(1), window)
  }

  /// Calls per second at the full limit.
  public var callsPerSecond: Double { Double(calls) / (window / .seconds(1)) }
}
