internal import OCRContract
internal import RelayCore

/// One run: the stage and the models on it, and who hears of which event.
final class World {
  /// More events than any run that ends has.
  private static let eventLimit = 100_000

  let stage: Stage
  private let broker: BrokerModel
  private let service: ServiceModel
  private let relays: [RelayModel]
  private let end: Int

  init(seed: UInt64, plant: PlantedBug?, promises: Set<Violation.Promise>, isTracing: Bool) {
    let stage = Stage(seed: seed, promises: promises, isTracing: isTracing)
    self.stage = stage
    end = stage.scenario.end
    stage.audit.policy = stage.scenario.policy
    stage.audit.prefetch = stage.scenario.prefetch
    stage.audit.deliveryLimit = stage.scenario.deliveryLimit
    stage.audit.resultLifetime = stage.scenario.resultLifetime.wholeMilliseconds
    broker = BrokerModel(stage: stage)
    service = ServiceModel(stage: stage)
    relays = (0..<stage.scenario.relays).map { RelayModel(index: $0, stage: stage, plant: plant) }
    for (index, request) in stage.scenario.requests.enumerated() {
      stage.plan(.requestArrives(index), at: request.arrival)
    }
    for (index, fault) in stage.scenario.faults.enumerated() { stage.plan(.faultBegins(index), at: fault.start) }
    for relay in relays { stage.plan(.relayStarts(relay.index), at: stage.random.below(100)) }
  }

  /// Runs until nothing is left to happen to any request, or a promise is broken.
  func run() {
    var events = 0
    while stage.audit.finding == nil, !isFinished, !isEndless(events), let event = stage.next() {
      events += 1
      handle(event)
    }
    if stage.audit.finding == nil { stage.audit.close(isDrained: isFinished) }
    stage.audit.counts.runs = 1
    stage.audit.counts.requests = stage.scenario.requests.count
    stage.audit.counts.faults = stage.scenario.faults.count
    stage.audit.counts.events = events
  }

  private func isEndless(_ events: Int) -> Bool { events >= Self.eventLimit || stage.now > end }

  private var isFinished: Bool {
    stage.audit.unfinished == 0 && stage.publishesUnderWay == 0 && relays.allSatisfy { !$0.isPublishing }
  }

  // MARK: Events

  private func handle(_ event: Event) {
    if let relay = receiver(of: event) {
      // A process that stands still finds everything waiting when it goes on.
      if relay.frozenUntil > stage.now { return stage.plan(event, at: relay.frozenUntil) }
      return tell(relay, event)
    }
    switch event {
    case .requestArrives(let request): broker.requestArrives(request)
    case .retryEnds(let message): broker.retryEnds(message)
    case .consumeAsked(let connection, let prefetch): broker.consumeAsked(connection, prefetch: prefetch)
    case .cancelAsked(let connection): broker.cancelAsked(connection)
    case .closed(let connection): broker.closed(connection)
    case .settled(let connection, let tag, let delivery, let settlement):
      broker.settled(connection, tag: tag, delivery: delivery, settlement)
    case .published(let connection, let publication): broker.published(connection, publication)
    case .brokerNoticesLoss(let connection): broker.lost(connection)
    case .callArrives(let call): service.callArrives(call)
    case .loginArrives(let login): service.loginArrives(login)
    case .faultBegins(let fault): begin(fault)
    case .faultEnds(let fault): end(stage.scenario.faults[fault].kind)
    case .relayStarts(let relay): relays[relay].start()
    default: break
    }
  }

  /// The relay that an event happens to; nil for others, and for what concerns an earlier life.
  private func receiver(of event: Event) -> RelayModel? {
    switch event {
    case .consuming(let connection), .cancelled(let connection), .publishSettled(let connection, _, _),
      .blockedChanged(let connection, _):
      return stage.reachesRelay(connection) ? owner(of: connection) : nil
    case .delivered(let delivery):
      let connection = stage.deliveries[delivery].connection
      return stage.reachesRelay(connection) ? owner(of: connection) : nil
    case .confirmOverdue(let connection, _), .relayNoticesLoss(let connection):
      return stage.connections[connection].isOpenAtRelay ? owner(of: connection) : nil
    case .connects(let relay, let incarnation, _), .gateTimer(let relay, let incarnation, _),
      .tokenTimer(let relay, let incarnation, _), .shutdownTimer(let relay, let incarnation),
      .pauseTimer(let relay, let incarnation):
      return living(relay, incarnation)
    case .refusalPauseEnds(let delivery, _):
      return living(stage.deliveries[delivery].relay, stage.deliveries[delivery].incarnation)
    case .permitArrives(let delivery):
      return living(stage.deliveries[delivery].relay, stage.deliveries[delivery].incarnation)
    case .callEnds(let call): return living(stage.calls[call].relay, stage.calls[call].incarnation)
    case .loginEnds(let login): return living(stage.logins[login].relay, stage.logins[login].incarnation)
    default: return nil
    }
  }

  private func owner(of connection: Int) -> RelayModel? {
    living(stage.connections[connection].relay, stage.connections[connection].incarnation)
  }

  private func living(_ relay: Int, _ incarnation: Int) -> RelayModel? {
    relays[relay].isAlive && relays[relay].incarnation == incarnation ? relays[relay] : nil
  }

  private func tell(_ relay: RelayModel, _ event: Event) {
    switch event {
    case .consuming(let connection): relay.consumes(connection)
    case .cancelled: relay.drained()
    case .delivered(let delivery): relay.take(delivery)
    case .publishSettled(let connection, let publication, let result):
      relay.publishSettled(connection, publication, result)
    case .blockedChanged(let connection, let isBlocked): relay.blockedChanged(connection, isBlocked)
    case .confirmOverdue(let connection, let publication): relay.confirmOverdue(connection, publication)
    case .relayNoticesLoss(let connection): relay.linkLost(connection)
    case .connects(_, _, let role): connect(relay, role)
    case .gateTimer(_, _, let serial): relay.gateTimer(serial)
    case .tokenTimer(_, _, let serial): relay.tokenTimer(serial)
    case .shutdownTimer: relay.shutdownTimedOut()
    case .pauseTimer: relay.pauseTimer()
    case .refusalPauseEnds(let delivery, let copy): relay.refusalPauseEnded(delivery, .init(rawValue: copy))
    case .permitArrives(let delivery): relay.permitArrived(delivery)
    case .callEnds(let call): relay.callEnded(call)
    case .loginEnds(let login): relay.loginEnded(login)
    default: break
    }
  }

  private func connect(_ relay: RelayModel, _ role: Connection.Role) {
    guard broker.isUp else { return relay.notConnected(role) }
    let connection = stage.connect(relay: relay.index, incarnation: relay.incarnation, role: role)
    if role == .publish, stage.isActive(.alarm) {
      stage.sendToRelay(connection, .blockedChanged(connection: connection, isBlocked: true))
    }
    relay.connected(connection, role)
  }

  // MARK: Faults

  private func begin(_ index: Int) {
    let fault = stage.scenario.faults[index]
    stage.trace("fault: \(fault.kind) for \(fault.length) ms, relay \(fault.relay)")
    stage.begin(fault.kind)
    stage.plan(.faultEnds(index), after: fault.length)
    let relay = relays[fault.relay]
    switch fault.kind {
    case .relayKilled: relay.kill()
    case .relayKilledAtStep: relay.stepsLeft = stage.random.magnitude(0, 40)
    case .relayTerminated: relay.terminate()
    case .relayFrozen: freeze(relay, fault.length)
    case .consumerCut: cut([relay.consumeLink], noticed: 10)
    case .publisherCut: cut([relay.publishLink], noticed: 10)
    case .bothCut: cut([relay.consumeLink, relay.publishLink], noticed: stage.random.pick([10, 30_000]))
    case .consumerHalfOpen: cut([relay.consumeLink], noticed: 30_000)
    case .publisherHalfOpen: cut([relay.publishLink], noticed: 30_000)
    case .brokerKilled: broker.kill()
    case .alarm: broker.alarmBegins()
    case .tokensRevoked: service.revokeTokens()
    default: break
    }
  }

  private func end(_ kind: Fault.Kind) {
    stage.end(kind)
    guard !stage.isActive(kind) else { return }
    stage.trace("fault over: \(kind)")
    switch kind {
    case .brokerKilled: broker.restart()
    case .alarm: broker.alarmEnds()
    default: break
    }
  }

  /// Stops a process; the broker gives it up after two missed heartbeats.
  private func freeze(_ relay: RelayModel, _ length: Int) {
    guard relay.isAlive else { return }
    relay.frozenUntil = max(relay.frozenUntil, stage.now + length)
    for case let link? in [relay.consumeLink, relay.publishLink] where length > 30_000 {
      stage.plan(.brokerNoticesLoss(connection: link), after: 30_000)
      stage.plan(.relayNoticesLoss(connection: link), after: length + stage.random.below(100))
    }
  }

  private func cut(_ links: [Int?], noticed: Int) {
    for case let link? in links {
      stage.sever(link, relayNotices: noticed, brokerNotices: noticed, arrivingFor: stage.random.below(5))
    }
  }
}
