internal import OCRContract
internal import RelayCore

extension RelayModel {
  // MARK: Consuming

  /// Consumes when everything is there that a request needs: a way to publish, a token, an open gate.
  func startConsuming() {
    guard phase == .running, consumeLink != nil, publishLink != nil, !isConsuming, isGatePassable else { return }
    withToken(.consumer)
  }

  private var isGatePassable: Bool {
    if case .closed = gate.state { false } else { quietUntil == nil }
  }

  func consume() {
    guard phase == .running, let link = consumeLink, !isConsuming, !isStartingConsumer else { return }
    isStartingConsumer = true
    takesWork = true
    if plant != .startsAtFullSpeed { slowStart.begins(waiting: stage.waitingMessages) }
    let isCareful = gate.state == .probing || slowStart.pace == .careful
    let prefetch = isCareful ? 1 : stage.scenario.prefetch
    _ = send(link, .consumeAsked(connection: link, prefetch: prefetch))
  }

  func consumes(_ connection: Int) {
    guard connection == consumeLink else { return }
    isStartingConsumer = false
    isConsuming = true
    hasConsumed = true
    // The gate may have been closed meanwhile.
    if phase != .running || !isGatePassable {
      cancelConsumer()
      stopTakingWork()
    }
  }

  func cancelConsumer() {
    guard isConsuming, let link = consumeLink else { return }
    isConsuming = false
    _ = send(link, .cancelAsked(connection: link))
  }

  func consumerLost() {
    consumeLink = nil
    isConsuming = false
    isStartingConsumer = false
    guard plant != .staleEpochAcked else { return }
    let lost = inWork
    let idle = lost.filter { !isCalling($0) }
    inWork.removeAll()
    for flow in lost {
      flows[flow].machine.deliveryLost()
      flows[flow].isFinished = true
    }
    for flow in idle { endSharedCall(flow, hasResult: false) }
    if !lost.isEmpty { becameIdle() }
  }

  // MARK: The gate

  func everyoneSuffers(_ failure: CallFailure) {
    stage.trace("relay \(index): everyone suffers from \(failure.code.rawValue)")
    apply(gate.close(failure, now: now))
  }

  func gateTimer(_ serial: Int) {
    if serial == gateSerial { apply(gate.tick(now: now)) }
  }

  func serviceAnswered() {
    apply(gate.succeeded())
  }

  private func apply(_ effect: ConsumptionGate.Effect) {
    guard phase == .running else { return }
    switch effect {
    // Relays of the simulation share no rate, hence no outage.
    case .none, .wait, .askForTurn: break
    case .stopConsuming(let until):
      gateSerial += 1
      stage.plan(
        .gateTimer(relay: index, incarnation: incarnation, serial: gateSerial), at: until.wholeMilliseconds)
      cancelConsumer()
      stopTakingWork()
    case .probe: consumeAnew()
    case .consume:
      cancelConsumer()
      consumeAnew()
    }
  }

  // MARK: Long pauses

  /// The limit allows no call for long: requests wait in the queue.
  func pause(until time: Int) {
    guard phase == .running, time > quietUntil ?? stage.now else { return }
    let isFirst = quietUntil == nil
    quietUntil = time
    stage.plan(.pauseTimer(relay: index, incarnation: incarnation), at: time)
    guard isFirst else { return }
    stage.trace("relay \(index) pauses until \(time) ms")
    cancelConsumer()
    stopTakingWork()
  }

  func pauseTimer() {
    guard let end = quietUntil, end <= stage.now else { return }
    quietUntil = nil
    if phase == .running, isGatePassable { consumeAnew() }
  }

  /// Consumes over a fresh channel, as soon as nothing is in work that the loss of the old one would spoil.
  func consumeAnew() {
    guard consumeLink != nil, hasConsumed else { return startConsuming() }
    wantsRestart = true
    restartIfIdle()
  }

  private func restartIfIdle() {
    guard phase == .running, wantsRestart, inWork.isEmpty else { return }
    wantsRestart = false
    hasConsumed = false
    guard let link = consumeLink, step() else { return }
    closeInOrder(link)
    consumerLost()
    connect(.consume)
  }

  func becameIdle() {
    drained()
    restartIfIdle()
  }

  // MARK: Taking and settling

  func stopTakingWork() {
    takesWork = false
    stage.audit.stopped(index)
    for flow in inWork where flows[flow].machine.isUnstarted || givesBackInCall(flow) { putBack(flow) }
    if inWork.isEmpty { becameIdle() }
  }

  private func givesBackInCall(_ flow: Int) -> Bool {
    plant == .givenBackInCall && isCalling(flow)
  }

  private func isCalling(_ flow: Int) -> Bool {
    if case .calling = flows[flow].machine.state { true } else { false }
  }

  /// Gives a delivery back, or puts a copy in its place when that was done too often.
  func putBack(_ flow: Int) {
    let wear = wear(of: stage.messages[stage.deliveries[flows[flow].delivery].message])
    if wear == .fresh { giveBack(flow) } else { replaced(flow) }
  }

  func replaced(_ flow: Int) {
    stage.audit.replaced(flows[flow].delivery)
    perform(flows[flow].machine.replaced(), flow)
  }

  /// How near a message is to the broker's limit for deliveries.
  func wear(of message: Message) -> DeliveryWear {
    let wear = DeliveryWear(earlierDeliveries: Int64(message.returns), limit: Int64(stage.scenario.deliveryLimit))
    switch (plant, wear) {
    case (.poisonTaken, .nearlyPoison), (.wornGivenBack, .worn): return .fresh
    default: return wear
    }
  }

  private func giveBack(_ flow: Int) {
    flows[flow].machine.deliveryLost()
    flows[flow].isFinished = true
    settle(flows[flow].delivery, .giveBack)
    finish(flow)
    endSharedCall(flow, hasResult: false)
  }

  func acknowledge(_ flow: Int) {
    flows[flow].isFinished = true
    settle(flows[flow].delivery, .ack)
    finish(flow)
  }

  /// Settles a delivery, unless it belongs to a connection that is gone.
  func settle(_ delivery: Int, _ settlement: Settlement) {
    let record = stage.deliveries[delivery]
    guard let link = consumeLink, link == record.connection || plant == .staleEpochAcked, step() else { return }
    stage.trace("relay \(index): \(settlement) of delivery \(delivery) (request \(record.request))")
    stage.audit.settlementSent(delivery, settlement, relay: index)
    stage.sendToBroker(link, .settled(connection: link, tag: record.tag, delivery: delivery, settlement))
  }

  private func finish(_ flow: Int) {
    guard let position = inWork.firstIndex(of: flow) else { return }
    inWork.swapAt(position, inWork.count - 1)
    inWork.removeLast()
    if inWork.isEmpty { becameIdle() }
  }
}
