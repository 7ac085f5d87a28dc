/// The rate that the service allows, as far as its refusals tell: pure decisions.
///
/// The rate is searched until the first refusal, which names the limit or at least shows where it is; then it is kept.
/// Now and then a probe looks whether more is allowed. Only refusals for too many calls are fed in, never failures of
/// another kind. One value serves a whole fleet: it is small, travels as numbers (``AdaptiveRate/numbers``), and every
/// process that has the same one decides the same. Times are those of the clock that the fleet shares.
public struct AdaptiveRate: Sendable, Equatable {
  /// What is being done to find the rate. `searching` → `steady` at a refusal; `steady` → `probing` after a quiet time;
  /// `probing` → `steady` at a refusal, → `searching` without one.
  public enum Phase: Int, Sendable, CaseIterable {
    /// The limit is not known: the rate grows with every answered call.
    case searching
    /// The rate is at the limit as it is known.
    case steady
    /// The rate is a little above the limit for two windows.
    case probing
  }

  /// What a refusal means.
  public enum Verdict: Sendable, Equatable {
    /// The rate was cut or the limit was learnt: everyone pauses.
    case cut
    /// The probe found the limit where it was.
    case probeRefused
    /// The call was under way when the rate was cut: it says nothing new.
    case late
  }

  /// What is being done.
  public internal(set) var phase: Phase
  /// The limit, when the service named it.
  public internal(set) var limit: RateLimit?
  /// The rate without bounds from the configuration, in calls per second.
  public internal(set) var callsPerSecond: Double
  /// No call begins before this time.
  public internal(set) var pausedUntil: Duration
  /// Calls that began before this time say nothing new when they are refused.
  public internal(set) var lastCut: Duration
  /// Grows with each change that other processes must follow.
  public internal(set) var version: Int

  /// The window that the limit is for, as far as it is known.
  public internal(set) var window: Duration

  /// The part of the limit that is used: that of the policy, less what others on the account seem to need.
  var share: Double
  /// Growth while searching, in calls per second for each answered call.
  var gain: Double
  var phaseBegan: Duration
  /// Calls answered when the phase began, and, while searching, when the rate last grew.
  var phaseAnswered: Int
  /// Calls that the last probe had refused.
  var probeCost: Int
  /// Whether it was a probe that was refused last.
  var lastWasProbe: Bool
  /// The pause after the last refusal.
  var lastPause: Duration

  /// How the service is asked.
  public private(set) var policy: RatePolicy

  /// Nothing is known yet.
  public init(policy: RatePolicy, now: Duration = .zero) {
    self.policy = policy
    phase = .searching
    callsPerSecond = policy.configuredPace?.callsPerSecond ?? policy.startCallsPerSecond
    pausedUntil = now
    lastCut = now
    version = 0
    share = policy.share
    window = policy.limits.map(\.window).max() ?? policy.assumedWindow
    gain = Self.firstGain
    phaseBegan = now
    phaseAnswered = 0
    probeCost = 1
    lastWasProbe = false
    lastPause = .zero
  }

  /// Goes on with another policy. What was learnt is kept; without it the configured limits are the rate at once.
  public mutating func follow(_ policy: RatePolicy) {
    let isUnlearnt = limit == nil && phase == .searching && gain == Self.firstGain
    self.policy = policy
    guard isUnlearnt, let configured = policy.configuredPace else { return }
    callsPerSecond = configured.callsPerSecond
    version += 1
  }

  /// The pace to keep.
  public var pace: Pace {
    let learnt: Pace
    if let limit {
      learnt = Pace(limit, share: phase == .probing ? probeShare : share)
    } else {
      learnt = Pace(callsPerSecond: phase == .probing ? callsPerSecond * probeShare : callsPerSecond)
    }
    return policy.configuredPace.map(learnt.stricter) ?? learnt
  }

  // MARK: Events

  /// A call that began at `callBegan` was refused for too many calls; `answered` calls were not, so far.
  public mutating func refused(
    _ notice: ThrottleNotice, callBegan: Duration, answered: Int, now: Duration
  ) -> Verdict {
    version += 1
    // Nobody begins a call in a pause, unless the news had not reached him.
    guard callBegan >= max(lastCut, pausedUntil) else {
      // A refused call may count in the window as well, so the pause lasts from the last of them.
      if lastWasProbe || gain != Self.firstGain { probeCost = min(probeCost + 1, Self.greatestProbeCost) }
      pausedUntil = max(pausedUntil, now + lastPause)
      return .late
    }
    let stated = Self.stated(notice)
    lastWasProbe = phase == .probing && (stated == nil || stated == limit)
    if !lastWasProbe { cut(stated) }
    lastPause = max(pause(stated, notice), notice.retryAfter ?? .zero)
    pausedUntil = max(pausedUntil, now + lastPause)
    lastCut = now
    probeCost = 1
    enter(.steady, answered: answered, now: now)
    return lastWasProbe ? .probeRefused : .cut
  }

  /// Time passed, `answered` calls were answered without a refusal so far; `isWanted` tells that requests wait for
  /// permits. True when the pace changed.
  public mutating func advance(answered: Int, isWanted: Bool, now: Duration) -> Bool {
    switch phase {
    case .searching: grow(answered: answered, isWanted: isWanted)
    case .steady: leaveSteady(answered: answered, isWanted: isWanted, now: now)
    case .probing: endProbe(answered: answered, now: now)
    }
  }
}
