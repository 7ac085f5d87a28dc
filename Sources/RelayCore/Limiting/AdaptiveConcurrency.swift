/// How many calls may be under way at once, as far as refusals tell: pure decisions.
///
/// Unlike the rate this has no window: a refusal says that fewer calls must run at the same time. The bound is halved,
/// everyone pauses for a few seconds, and one more call is tried after a quiet time. A try that is refused takes back
/// just itself.
///
/// A configured bound may be shared with other processes: then each holds a part of it, see ``CallsRequest``, and what
/// refusals tell is decided for all of them by the keeper.
public struct AdaptiveConcurrency: Sendable, Equatable {
  /// Calls that may be under way; `Int.max` until the first refusal, if no bound is configured.
  public private(set) var limit: Int
  /// Calls under way.
  public private(set) var inFlight = 0
  /// No call begins before this time.
  public private(set) var pausedUntil: Duration
  /// Calls that began before this time say nothing new when they are refused.
  public private(set) var lastCut: Duration

  /// The part that this process holds of a bound that several share; nil while it shares none.
  public private(set) var allotment: Int?
  /// The bound in force.
  public private(set) var bound: Int
  /// The configured bound, `Int.max` without one.
  public private(set) var maximum: Int

  private let pause: Duration
  private var isTrying = false
  private var answered = 0
  private var wasFull = false

  /// At most `maximum` calls at once, `Int.max` for no bound.
  public init(maximum: Int = .max, pause: Duration = .seconds(3), now: Duration = .zero) {
    self.maximum = max(1, maximum)
    self.pause = pause
    limit = max(1, maximum)
    bound = max(1, maximum)
    pausedUntil = now
    lastCut = now
  }

  /// Goes on with another bound; one that was learnt is kept below it.
  public mutating func follow(maximum: Int) {
    let wasFree = limit == self.maximum
    self.maximum = max(1, maximum)
    limit = wasFree ? self.maximum : min(limit, self.maximum)
    if self.maximum == .max { allotment = nil }
    rebound()
  }

  /// Shares the configured bound from now on, and holds this part of it.
  mutating func hold(_ allotment: Int) {
    if self.allotment == nil { limit = maximum }
    self.allotment = max(0, allotment)
    rebound()
  }

  /// No call begins before this time.
  mutating func hold(until time: Duration) {
    pausedUntil = max(pausedUntil, time)
  }

  private mutating func rebound() {
    bound = min(limit, allotment ?? .max)
  }

  /// Whether a call may begin now.
  public func allows(now: Duration) -> Bool { inFlight < bound && now >= pausedUntil }

  /// A call begins.
  public mutating func began() {
    inFlight += 1
    if inFlight >= limit { wasFull = true }
  }

  /// A call ended without a refusal for too many calls at once.
  public mutating func ended(now: Duration) {
    inFlight = max(0, inFlight - 1)
    guard limit < maximum, wasFull else { return }
    answered += 1
    let quiet = now - max(lastCut, pausedUntil)
    guard quiet >= Self.quietTime, answered >= max(Self.callsPerRefusal, limit) else { return }
    limit += 1
    rebound()
    isTrying = true
    answered = 0
    wasFull = false
  }

  /// A call that began at `callBegan` was refused for too many calls at once. True when the bound was cut.
  public mutating func refused(callBegan: Duration, retryAfter: Duration?, now: Duration) -> Bool {
    let running = inFlight
    inFlight = max(0, inFlight - 1)
    guard callBegan >= lastCut else { return false }
    guard allotment == nil else {
      hold(until: now + max(pause, retryAfter ?? .zero))
      lastCut = now
      return true
    }
    limit = isTrying ? max(1, limit - 1) : max(1, min(limit, running) / 2)
    pausedUntil = max(pausedUntil, now + max(isTrying ? .zero : pause, retryAfter ?? .zero))
    lastCut = now
    rebound()
    isTrying = false
    answered = 0
    wasFull = false
    return true
  }

  /// Time without a refusal before one more call is tried.
  static let quietTime = Duration.seconds(10)
  /// Calls that pay for one refused try.
  static let callsPerRefusal = 100
}
