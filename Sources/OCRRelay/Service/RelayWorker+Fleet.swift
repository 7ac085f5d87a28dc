internal import EventLoop
internal import OCRContract
internal import RelayCore

/// An outage of the service that all relays share: they close together, probe by turns and open together.
extension RelayWorker {
  /// Shares the rate with the other loops of this process, unless Redis keeps it for all.
  func join(_ commons: LoopCommons, _ parts: Parts) {
    guard configuration.rate.store == .memory else { return }
    let keeper = LoopKeeper(commons.fleet, reactor: loop.reactor) { [weak self] news in
      self?.post { $0.parts?.pipeline.permits.heard(news) }
    }
    parts.pipeline.permits.join(keeper, FleetPolicy(maximumMembers: commons.loops))
  }

  func wireFleet(_ permits: PermitDesk) {
    permits.onOutage = { [self] outage, keeperTime in heard(outage, at: keeperTime) }
    permits.onFailuresInFleet = { [self] row in
      guard row >= gate.patience, phase == .running else { return }
      apply(gate.fleetFailed(members: permits.limiter.members, now: now))
      if gate.isFleetWide { tellOfOutage() }
    }
  }

  /// Tells the others that calls fail, and what is known of it here.
  func tellOfOutage() {
    guard case .closed(let until) = gate.state else { return }
    tell(.close, pause: max(.zero, until - now)) { [self] answer in
      guard let answer, let outage = answer.outage else { return }
      heard(outage, at: answer.now, hasJustProbed: true)
    }
  }

  /// The others still believe in an outage although calls succeed here.
  func correctFleet() {
    guard gate.isFleetMisinformed else { return }
    tell(.open) { [self] answer in
      guard let answer, let outage = answer.outage else { return }
      apply(gate.follow(outage, left: outage.until - answer.now, now: now))
    }
  }

  func askForTurn(_ permits: PermitDesk) {
    prolongTurn()
    tell(.probe) { [self] answer in
      guard let answer else { return apply(gate.turnUnknown()) }
      if let outage = answer.outage { heard(outage, at: answer.now) }
      apply(answer.isTurnGiven ? gate.turnGiven() : gate.turnRefused(now: now))
    }
  }

  /// A turn lasts five seconds; the next question prolongs it.
  func prolongTurn() {
    wakeGate(at: now + .seconds(1))
  }

  func wakeGate(at time: Duration) {
    gateTimer?.arm(at: MonotonicInstant(nanoseconds: time.saturatingNanoseconds))
  }

  private func heard(_ outage: FleetOutage, at keeperTime: Duration, hasJustProbed: Bool = false) {
    guard phase == .running else { return }
    apply(gate.follow(outage, left: outage.until - keeperTime, hasJustProbed: hasJustProbed, now: now))
    correctFleet()
  }

  private func tell(
    _ kind: OutageStep.Kind, pause: Duration = .zero, _ completion: @escaping (OutageAnswer?) -> Void
  ) {
    guard phase == .running, let parts else { return }
    let cause = gate.failure.map(FleetOutage.cause(of:)) ?? "\(ErrorCode.backendFailed.rawValue),"
    let step = OutageStep(kind: kind, pause: pause, known: gate.outage?.changedAt ?? .zero, cause: cause)
    parts.pipeline.permits.tell(step) { [self] answer in
      guard phase == .running else { return }
      completion(answer)
    }
  }
}
