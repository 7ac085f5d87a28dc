/// Sharing the rate with other processes: slots are leased from a common timeline, and the rate is agreed on.
extension CallLimiter {
  /// Shares the rate from now on. If the keeper of the timeline does not answer for a while, the process keeps to a share
  /// of its own; `jitter`, from 0 to 1, spreads the calls of processes that begin together.
  public mutating func join(_ policy: FleetPolicy, now: Duration, jitter: Double) {
    fleet = FleetState(policy: policy)
    own = PacedSupply(pace: ownPace, now: now)
    own.hold(until: now + policy.patience + own.pace.interval * jitter)
    isSupplied = false
    holdCallsAlone()
  }

  /// Whether slots come from the common timeline now.
  public var isLeasing: Bool { fleet.map { !$0.isAlone } ?? false }

  /// Processes that share the rate, as far as known; 0 when nobody counted them.
  public var members: Int { fleet?.members ?? 0 }

  /// When ``leaseRequest(now:)`` is to be asked next; nil while an answer is awaited, or without a fleet.
  public func leaseWake(now: Duration) -> Duration? {
    guard let fleet, !fleet.isAsking else { return nil }
    if fleet.hasNews, !fleet.isAlone { return now }
    if isShortOfCalls { return max(fleet.callsAskAt, now) }
    return missingSlots > 0 || fleet.agreed != rate.version
      ? max(fleet.askAt, now) : max(fleet.askAt, fleet.heartbeatAt)
  }

  /// What to ask the keeper for; nil when there is nothing to ask now. ``leased(_:now:)`` or ``leaseFailed(now:)`` must
  /// follow each request.
  public mutating func leaseRequest(now: Duration) -> LeaseRequest? {
    guard let wake = leaseWake(now: now), wake <= now, var fleet else { return nil }
    let isNews = fleet.agreed != rate.version && fleet.heardAt != nil
    fleet.isAsking = true
    fleet.offered = isNews ? rate.version : nil
    fleet.reporting = fleet.unreported
    fleet.unreported = 0
    // As many again as were used since the last request: the busier the process, the fewer requests for each call.
    let missing = missingSlots
    let wanted = missing > 0 ? min(missing + fleet.used, Self.largestLease) : 0
    fleet.used = 0
    fleet.wanted = wanted
    fleet.isSpare = wanted > 0 && urgent == 0
    let failed = fleet.failed
    (fleet.failed, fleet.hasNews) = (0, false)
    self.fleet = fleet
    let calls = callsRequest()
    let pace = rate.pace
    return LeaseRequest(
      wanted: wanted, answered: fleet.reporting, interval: pace.interval, tolerance: pace.tolerance,
      horizon: fleet.horizon, isSpare: fleet.isSpare, pausedUntil: rate.pausedUntil, known: fleet.known,
      change: isNews ? rate.numbers : [], failed: failed, calls: calls,
      isRecovering: fleet.isRecovering)
  }

  /// The keeper answered.
  public mutating func leased(_ answer: LeaseAnswer, now: Duration) {
    guard var fleet else { return }
    follow(clock: answer.now, now: now)
    (fleet.isAsking, fleet.reporting, fleet.heardAt) = (false, 0, now)
    // While all return, those who are still to come count as well.
    fleet.members = answer.rampLeft > .zero ? max(fleet.members, answer.members) : answer.members
    fleet.heartbeatAt = now + fleet.policy.heartbeat
    answered = answer.answered + fleet.unreported
    self.fleet = fleet
    agree(with: answer, now: now)
    store(answer.calls, isReturning: answer.rampLeft > .zero, now: now)
    guard answer.rampLeft <= .zero else {
      self.fleet?.askAt = now + min(answer.rampLeft, .seconds(1))
      return followRate(now: now)
    }
    if fleet.isAlone {
      self.fleet?.isAlone = false
      self.fleet?.isRecovering = false
      slots = SlotSupply(tolerance: rate.pace.tolerance)
      isSupplied = true
    }
    store(answer, now: now)
    // A probe that gets no call through must end as well.
    advance(now: now)
  }

  /// The keeper did not answer. After a while the process keeps to a share of its own, which is small enough for all
  /// processes to do the same. `jitter`, from 0 to 1, spreads their calls: they all begin anew at about the same time.
  public mutating func leaseFailed(now: Duration, jitter: Double) {
    guard var fleet else { return }
    fleet.isAsking = false
    fleet.unreported += fleet.reporting
    fleet.reporting = 0
    let isPatient = fleet.heardAt.map { now - $0 < fleet.policy.patience } ?? false
    fleet.askAt = now + (isPatient ? .milliseconds(50) : .seconds(1))
    let wasLeasing = !fleet.isAlone
    if wasLeasing, !isPatient { (fleet.isAlone, fleet.isRecovering) = (true, true) }
    self.fleet = fleet
    guard wasLeasing, !isPatient else { return }
    own = PacedSupply(pace: ownPace, now: now)
    own.hold(until: max(now + own.pace.interval * jitter, rate.pausedUntil - clockOffset))
    isSupplied = false
    holdCallsAlone()
  }

  /// Another process was refused and told everybody: nothing is called until its pause is over. How the rate was cut comes
  /// with the next lease, which is asked for at once.
  public mutating func heard(version: Int, numbers: [Int], now: Duration) {
    guard let fleet, fleet.heardAt != nil, version > fleet.known else { return }
    var theirs = rate
    guard theirs.adopt(numbers, now: now + clockOffset), theirs.pausedUntil > rate.pausedUntil else { return }
    rate.pausedUntil = theirs.pausedUntil
    dropSlots()
    followRate(now: now)
    self.fleet?.hasNews = true
  }

  /// A call ended with a failure that may concern every call: the others hear of it at once.
  public mutating func failed(_ permit: CallPermit, now: Duration) {
    fleet?.failed += 1
    fleet?.hasNews = true
    ended(permit, now: now)
  }

  // MARK: Steps

  private static let largestLease = 100_000

  /// Slots that waiting requests could use beyond those in stock. Requests that get what others leave come after the rest.
  private var missingSlots: Int {
    // While no call may begin, slots would be lost.
    guard concurrency.inFlight < concurrency.bound else { return 0 }
    let wanted = urgent > 0 ? urgent : queue.count
    return isSupplied ? max(0, wanted - slots.count) : wanted
  }

  /// Follows the keeper's clock: the answer that travelled fastest tells it best. A step of that clock is followed at once,
  /// and what was noted by it moves along.
  private mutating func follow(clock: Duration, now: Duration) {
    let seen = clock - now
    let step = seen - clockOffset
    if step > .seconds(1) || step < .seconds(-1) {
      rate.shift(by: step)
      clockOffset = seen
    } else {
      clockOffset = max(seen, clockOffset - .microseconds(10))
    }
  }

  private mutating func agree(with answer: LeaseAnswer, now: Duration) {
    guard let state = fleet else { return }
    if !answer.numbers.isEmpty, rate.adopt(answer.numbers, now: answer.now) {
      fleet?.known = answer.version
      fleet?.agreed = rate.version
      if rate.pausedUntil > answer.now { dropSlots() }
      // What was refused here may be news to the others: it is decided again on top of what they have decided.
      for refusal in state.refusals {
        _ = rate.refused(
          refusal.notice, callBegan: refusal.callBegan + clockOffset, answered: answered, now: answer.now)
      }
    } else if !answer.numbers.isEmpty {
      // What the keeper holds makes no sense: it is replaced.
      fleet?.known = answer.version
      fleet?.agreed = -1
    } else if let offered = state.offered, answer.version > state.known {
      fleet?.known = answer.version
      fleet?.agreed = offered
      if rate.version == offered { fleet?.refusals.removeAll() }
    } else if answer.version != state.known {
      // The keeper has lost the rate: it is told again.
      fleet?.known = answer.version
      fleet?.agreed = -1
    }
  }

  private mutating func store(_ answer: LeaseAnswer, now: Duration) {
    guard isSupplied else { return }
    slots.tolerance = rate.pace.tolerance
    var run = answer.slots
    run.first = run.first - clockOffset
    slots.add(run)
    guard let fleet, answer.slots.count < fleet.wanted, answer.numbers.isEmpty else { return }
    // There are fewer than wanted: no use in asking before time has brought new ones.
    // Others may need a slot more: then it is asked for at once, and further ahead.
    guard !fleet.isSpare || urgent == 0 else { return }
    let next = run.first + run.interval * run.count - fleet.horizon
    self.fleet?.askAt = min(max(next, now + fleet.horizon / 2), now + fleet.policy.heartbeat)
  }

  /// Slots of an old pace are not used.
  mutating func dropSlots() {
    if isSupplied { _ = slots.removeAll() }
  }
}

extension CallLimiter {
  /// Gives up all slots; returns those that come last on the timeline, in the keeper's time.
  public mutating func surrender() -> SlotSupply.Run? {
    guard isSupplied, var last = slots.removeAll().last else { return nil }
    last.first += clockOffset
    return last
  }
}
