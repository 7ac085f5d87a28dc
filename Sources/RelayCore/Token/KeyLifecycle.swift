/// Whether calls may be made with a key that needs no login: an access key that signs, or a bearer key. Pure.
///
/// A key that has not worked yet is tried by one call at a time, because some services lock a key after a few failures
/// in a row and a relay has many calls under way. After a refusal nobody uses the key for a while, longer each time.
///
/// `untested` → `testing` → `proven` or `refused` → `untested`; from anywhere to `untested` when the key changes.
public struct KeyLifecycle: Sendable {
  /// Where the key stands.
  public enum State: Sendable, Equatable {
    /// Nobody has used it.
    case untested
    /// One call uses it; when nothing is heard of that call, another one may at this time.
    case testing(until: Duration)
    /// It works.
    case proven
    /// It was refused and is not used before this time.
    case refused(until: Duration)
  }

  /// What a need for a key leads to.
  public enum Answer: Sendable, Equatable {
    /// Use it, as this generation: it works.
    case use(TokenGeneration)
    /// Use it for one call, as this generation, and tell how that ended: nobody knows whether it works.
    case test(TokenGeneration)
    /// Wait: another call tries it.
    case wait
    /// It is not used before this time.
    case refuseUntil(Duration)
  }

  /// How long a key rests after refusals.
  public struct Policy: Sendable, Equatable {
    /// After the first one.
    public var firstRest: Duration
    /// It doubles up to this.
    public var longestRest: Duration
    /// How long a trial may take before another call makes one.
    public var trialTime: Duration

    /// A policy; the defaults leave a locked key alone for the five minutes that its lock lasts.
    public init(
      firstRest: Duration = .seconds(60), longestRest: Duration = .seconds(330), trialTime: Duration = .seconds(90)
    ) {
      self.firstRest = firstRest
      self.longestRest = longestRest
      self.trialTime = trialTime
    }
  }

  /// Where the key stands.
  public private(set) var state = State.untested
  /// Which key, and which trial of it: grows with each change and each trial.
  public private(set) var generation = TokenGeneration(number: 1)

  private let policy: Policy
  private var refusals = 0

  /// A key that nobody has used.
  public init(policy: Policy = Policy()) {
    self.policy = policy
  }

  /// Somebody needs a key; `generation` is one that was refused to him.
  public mutating func need(newerThan refused: TokenGeneration?, now: Duration) -> Answer {
    switch state {
    case .proven: break
    case .testing(let until) where now < until: return .wait
    case .refused(let until) where now < until: return .refuseUntil(until)
    case .untested, .testing, .refused: beginTrial(now)
    }
    // A call that was overtaken by a refusal of its own generation has nothing new to try.
    if let refused, generation <= refused { return .refuseUntil(now + policy.firstRest) }
    return state == .proven ? .use(generation) : .test(generation)
  }

  /// A call with this generation was accepted. Tells whether others were waiting for that.
  public mutating func worked(_ generation: TokenGeneration) -> Bool {
    guard generation == self.generation, case .testing = state else { return false }
    state = .proven
    refusals = 0
    return true
  }

  /// A call ended without showing anything about the key. Tells whether another one may try it now.
  public mutating func endedOpen(_ generation: TokenGeneration) -> Bool {
    guard generation == self.generation, case .testing = state else { return false }
    state = .untested
    return true
  }

  /// The key was refused. Tells whether that is news.
  public mutating func wasRefused(_ generation: TokenGeneration, minimumRest: Duration?, now: Duration) -> Bool {
    guard generation == self.generation else { return false }
    if case .refused = state { return false }
    let rest = min(policy.firstRest * (1 << min(refusals, 16)), policy.longestRest)
    refusals += 1
    state = .refused(until: now + max(rest, minimumRest ?? .zero))
    return true
  }

  /// The trial of this generation is not made before this time, because of what others know of the key.
  public mutating func trialWasBlocked(_ generation: TokenGeneration, until: Duration) {
    guard generation == self.generation, case .testing = state else { return }
    state = .refused(until: until)
  }

  /// Another key is there.
  public mutating func keyChanged() {
    generation = generation.next
    refusals = 0
    state = .untested
  }

  private mutating func beginTrial(_ now: Duration) {
    if case .refused = state { generation = generation.next }
    state = .testing(until: now + policy.trialTime)
  }
}
