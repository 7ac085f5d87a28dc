internal import OCRContract

/// How many calls may be retries: a share of all calls within a window, so that a failing service meets little more
/// than its usual number of calls. Pure bookkeeping.
public struct RetryBudget: Sendable {
  /// The bounds.
  public struct Policy: Sendable, Equatable {
    /// The most retries in a hundred calls.
    public var percent: Int
    /// Retries within the window that are always in order, or a relay with little work could retry nothing.
    public var floor: Int
    /// The time that is looked back on.
    public var window: Duration

    /// A policy; the default allows a fifth.
    public init(percent: Int = 20, floor: Int = 10, window: Duration = .seconds(60)) {
      self.percent = percent
      self.floor = floor
      self.window = window
    }
  }

  private static let parts = 6

  private let policy: Policy
  private var calls = [Int](repeating: 0, count: parts)
  private var retries = [Int](repeating: 0, count: parts)
  private var part = 0
  /// Until then the part is the same.
  private var partEnds = Duration.zero

  /// A budget of which nothing is spent.
  public init(policy: Policy = Policy()) {
    self.policy = policy
  }

  /// A call is made.
  public mutating func noteCall(now: Duration) {
    advance(to: now)
    calls[part % Self.parts] += 1
  }

  /// A request is put off to be called again; false when there are too many of them, and this one does not count.
  public mutating func noteRetry(now: Duration) -> Bool {
    advance(to: now)
    let spent = retries.reduce(1, +)
    guard spent <= policy.floor || spent * 100 <= calls.reduce(0, +) * policy.percent else { return false }
    retries[part % Self.parts] += 1
    return true
  }

  private mutating func advance(to now: Duration) {
    guard now > partEnds else { return }
    let window = max(1, policy.window.wholeMilliseconds)
    let current = Int(clamping: now.wholeMilliseconds * Self.parts / window)
    partEnds = .milliseconds(((current + 1) * window + Self.parts - 1) / Self.parts - 1)
    guard current > part else { return }
    for step in 0..<min(Self.parts, current - part) {
      calls[(current - step) % Self.parts] = 0
      retries[(current - step) % Self.parts] = 0
    }
    part = current
  }
}
