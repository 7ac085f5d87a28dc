/// What a process hears of the others, and what becomes of its turn to probe.
extension ConsumptionGate {
  /// The calls of all processes failed, as many in a row as this gate has patience for; one of them was made here.
  public mutating func fleetFailed(members: Int, now: Duration) -> Effect {
    guard let suspect else { return .none }
    isFleetWide = true
    return close(suspect, members: members, now: now)
  }

  /// The fleet was told this; no probe is due for another `left`. Whoever has just probed in vain lets others go first.
  public mutating func follow(
    _ news: FleetOutage, left: Duration, hasJustProbed: Bool = false, now: Duration
  ) -> Effect {
    guard outage.map({ news.changedAt > $0.changedAt }) ?? true else { return .none }
    outage = news
    guard news.isClosed else {
      guard isFleetWide, state != .open else { return .none }
      open()
      return .consume
    }
    let wasClosed = if case .closed = state { true } else { false }
    isFleetWide = true
    failures = news.failures
    failure = failure ?? news.failure
    // A stretch that makes no sense is the work of a clock that was set.
    let until = now + min(max(left, .zero), Self.longestDemandedWait) + (hasJustProbed ? shortestPause / 2 : .zero)
    state = .closed(until: until)
    return wasClosed ? .wait(until: until) : .stopConsuming(until: until)
  }

  /// This process may probe, or go on with it.
  public mutating func turnGiven() -> Effect {
    guard isFleetWide, case .closed = state else { return .none }
    state = .probing
    return .probe
  }

  /// Another process probes, or none yet.
  public mutating func turnRefused(now: Duration) -> Effect {
    guard isFleetWide else { return .none }
    let until = now + shortestPause
    switch state {
    case .open: return .none
    case .closed:
      state = .closed(until: until)
      return .wait(until: until)
    case .probing:
      state = .closed(until: until)
      return .stopConsuming(until: until)
    }
  }

  /// Nobody can say whose turn it is: each process is on its own from here.
  public mutating func turnUnknown() -> Effect {
    guard isFleetWide else { return .none }
    isFleetWide = false
    guard case .closed = state else { return .none }
    state = .probing
    return .probe
  }

  /// Whether the fleet is still told of an outage although calls succeed here.
  public var isFleetMisinformed: Bool { state == .open && outage?.isClosed == true }

  /// Longer than any wait that the service asks for.
  static let longestDemandedWait = Duration.seconds(4 * 3_600)
}
