extension AdaptiveRate {
  /// The part of the limit that a probe uses: enough for the service to refuse one call.
  var probeShare: Double {
    let calls = limit.map { Double($0.calls) } ?? max(1, callsPerSecond * (window / .seconds(1)))
    return max(1.02, 1 + 1.5 / calls)
  }

  /// The most that the configuration allows, in calls per second.
  var ceiling: Double { policy.configuredPace?.callsPerSecond ?? .infinity }

  /// A rate that has travelled as a number may be a little less than it was.
  private var isBelowCeiling: Bool { callsPerSecond < ceiling * 0.999 }

  /// What a refusal says about the limit. Windows of more than a day are not believed.
  static func stated(_ notice: ThrottleNotice) -> RateLimit? {
    guard let calls = notice.limit, let window = notice.window, calls > 0, window > .zero, window <= .seconds(86_400)
    else { return nil }
    return RateLimit(calls: calls, window: window)
  }

  /// After a cut, a whole window: then everything has left it, wherever it began. After a probe, until the refused calls
  /// and half of the margin, which the probe had used up, have left a sliding window, and a fixed one is over: a probe
  /// reaches the limit only near its end.
  func pause(_ stated: RateLimit?, _ notice: ThrottleNotice) -> Duration {
    guard lastWasProbe else { return stated?.window ?? limit?.window ?? policy.pause }
    let calls = limit.map { Double($0.calls) } ?? callsPerSecond * (window / .seconds(1))
    let interval = Pace(callsPerSecond: callsPerSecond).interval
    return min(max(interval * (2 + (1 - share) * calls / 2), interval + window * (1.1 * (1 - 1 / probeShare))), window)
  }

  mutating func cut(_ stated: RateLimit?) {
    if let stated, stated != limit {
      limit = stated
      window = stated.window
      share = policy.share
    } else if limit != nil {
      // The limit was kept and yet reached: somebody else calls under the same account.
      share = max(share * Self.cutFactor, Self.leastShare)
    } else {
      let isFirst = gain == Self.firstGain && phase == .searching && policy.limits.isEmpty
      callsPerSecond = max(callsPerSecond * (isFirst ? Self.firstCutFactor : Self.cutFactor), Self.leastRate)
    }
    if let limit { callsPerSecond = limit.callsPerSecond * share }
  }

  /// While searching: grows with the answered calls, as long as requests wait for more.
  mutating func grow(answered: Int, isWanted: Bool) -> Bool {
    let fresh = max(0, answered - phaseAnswered)
    phaseAnswered = max(phaseAnswered, answered)
    guard isWanted, fresh > 0, isBelowCeiling else { return false }
    callsPerSecond = min(callsPerSecond + gain * Double(fresh), ceiling, Self.greatestRate)
    version += 1
    return true
  }

  mutating func leaveSteady(answered: Int, isWanted: Bool, now: Duration) -> Bool {
    let quiet = now - max(phaseBegan, pausedUntil)
    if let limit, share < policy.share {
      guard quiet >= window else { return false }
      share = min(share + Self.shareStep, policy.share)
      callsPerSecond = limit.callsPerSecond * share
      enter(.steady, answered: answered, now: now)
      return true
    }
    guard policy.probes, isWanted, isBelowCeiling, quiet >= window * Self.quietWindows,
      answered - phaseAnswered >= Self.callsPerRefusal * probeCost
    else { return false }
    enter(.probing, answered: answered, now: now)
    return true
  }

  /// More than the limit passed in each of two windows, of which one is whole wherever the service's windows begin: the
  /// limit was raised. The rate doubles every half window from here. Without enough requests to tell, the limit is left
  /// where it was.
  mutating func endProbe(answered: Int, now: Duration) -> Bool {
    let elapsed = now - phaseBegan
    guard elapsed >= window * 2.1 else { return false }
    let seconds = window / .seconds(1)
    let calls = limit.map { Double($0.calls) } ?? callsPerSecond * seconds
    if Double(answered - phaseAnswered) > calls * 2 {
      callsPerSecond = min(calls * probeShare / seconds, ceiling)
      gain = 1.39 / seconds
      limit = nil
      enter(.searching, answered: answered, now: now)
      return true
    }
    guard elapsed >= window * 3 else { return false }
    enter(.steady, answered: answered, now: now)
    return true
  }

  mutating func enter(_ next: Phase, answered: Int, now: Duration) {
    phase = next
    phaseBegan = now
    phaseAnswered = answered
    version += 1
  }

  /// What is left after a refusal within a limit that was kept.
  static let cutFactor = 0.8
  /// What is left after the first refusal of all, when nothing is known.
  static let firstCutFactor = 0.5
  /// Never less than this part of a limit that the service named, however much others take.
  static let leastShare = 0.1
  /// Growth of the share for each quiet window, in parts of the limit.
  static let shareStep = 0.02
  /// Growth before the first refusal: with each answered call, a call per second more.
  static let firstGain = 1.0
  /// Never slower, in calls per second.
  static let leastRate = 1.0 / 60
  /// Never faster, in calls per second: what nanoseconds can still tell apart.
  static let greatestRate = 1e6
  /// Windows without a refusal before a probe.
  static let quietWindows = 4
  /// Calls before a probe for each one that the last probe had refused: with those of the probe itself, below 1 % of all
  /// calls are refused so.
  static let callsPerRefusal = 95
  /// A search that overshot does not put off the next probe for ever.
  static let greatestProbeCost = 20
}
