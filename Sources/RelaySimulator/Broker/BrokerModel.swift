/// A broker: a quorum work queue with a delivery limit, retry levels, dead letters, reply queues, two ends of each
/// connection. Queues survive its end; what was not confirmed may be lost with it.
final class BrokerModel {
  let stage: Stage
  private(set) var isUp = true
  /// Messages ready for delivery, next one last.
  var ready: [Int] = [] {
    didSet { stage.waitingMessages = ready.count }
  }
  /// Messages that came while the broker was down, for when it is up again.
  private var late: [Event] = []
  private var nextConsumer = 0

  init(stage: Stage) {
    self.stage = stage
  }

  // MARK: Life

  func kill() {
    guard isUp else { return }
    isUp = false
    for connection in stage.connections.indices where stage.connections[connection].isOpenAtBroker {
      stage.sever(connection, relayNotices: stage.random.pick([0, 5, 30_000]), brokerNotices: 0)
      lost(connection)
    }
  }

  func restart() {
    isUp = true
    let events = late
    late.removeAll()
    for event in events { stage.plan(event, after: stage.random.below(50)) }
  }

  /// What waits for the broker to be up; true when it has to wait.
  func defers(_ event: Event) -> Bool {
    if !isUp { late.append(event) }
    return !isUp
  }

  // MARK: The work queue

  func requestArrives(_ request: Int) {
    guard !defers(.requestArrives(request)) else { return }
    let script = stage.scenario.requests[request]
    stage.messages.append(
      Message(request: request, attempts: script.forgedAttempts, notBefore: script.forgedNotBefore))
    stage.audit.requestConfirmed(request)
    stage.trace("request \(request) is confirmed to its publisher")
    enqueue(stage.messages.count - 1)
  }

  func retryEnds(_ message: Int) {
    guard !defers(.retryEnds(message: message)) else { return }
    stage.trace("retry of request \(stage.messages[message].request) returns")
    enqueue(message)
    guard stage.isActive(.retryDoubled), stage.random.chance(300) else { return }
    stage.messages.append(stage.messages[message])
    stage.audit.retryDoubledByBroker(stage.messages[message].request)
    enqueue(stage.messages.count - 1)
  }

  private func enqueue(_ message: Int) {
    ready.insert(message, at: 0)
    deliver()
  }

  private func giveBack(_ delivery: Int) {
    let message = stage.deliveries[delivery].message
    stage.messages[message].returns += 1
    guard stage.messages[message].returns <= stage.scenario.deliveryLimit else {
      stage.trace("request \(stage.messages[message].request) is poison")
      return stage.audit.poisoned(delivery)
    }
    ready.append(message)
  }

  /// Hands out what is ready, in turn to those who may have more.
  func deliver() {
    while let message = ready.last, let connection = consumerWithRoom() {
      ready.removeLast()
      let request = stage.messages[message].request
      let tag = stage.connections[connection].tags.count + 1
      let delivery = stage.deliveries.count
      stage.deliveries.append(
        Delivery(
          message: message, request: request, connection: connection, relay: stage.connections[connection].relay,
          incarnation: stage.connections[connection].incarnation, tag: tag))
      stage.connections[connection].tags.append(delivery)
      stage.connections[connection].unsettled += 1
      stage.audit.delivered(request, past: stage.messages[message].past)
      stage.sendToRelay(connection, .delivered(delivery: delivery))
    }
  }

  private func consumerWithRoom() -> Int? {
    let count = stage.connections.count
    for step in 0..<count {
      let index = (nextConsumer + step) % count
      let connection = stage.connections[index]
      if connection.isConsuming, connection.unsettled < connection.prefetch {
        nextConsumer = index + 1
        return index
      }
    }
    return nil
  }

  // MARK: Channels

  func consumeAsked(_ connection: Int, prefetch: Int) {
    guard stage.reachesBroker(connection) else { return }
    stage.connections[connection].isConsuming = true
    stage.connections[connection].prefetch = prefetch
    stage.sendToRelay(connection, .consuming(connection: connection))
    deliver()
  }

  func cancelAsked(_ connection: Int) {
    guard stage.reachesBroker(connection) else { return }
    stage.connections[connection].isConsuming = false
    stage.sendToRelay(connection, .cancelled(connection: connection))
  }

  func settled(_ connection: Int, tag: Int, delivery: Int, _ settlement: Settlement) {
    guard stage.reachesBroker(connection) else { return }
    let tags = stage.connections[connection].tags.count
    let named = tag <= tags ? stage.connections[connection].tags[tag - 1] : nil
    stage.audit.settlementArrived(meant: delivery, named: named, settlement)
    guard let named else { return }
    stage.connections[connection].tags[tag - 1] = nil
    stage.connections[connection].unsettled -= 1
    if settlement == .giveBack { giveBack(named) }
    deliver()
  }

  /// The connection is gone at this end: what was not settled is delivered again.
  func lost(_ connection: Int) {
    guard stage.connections[connection].isOpenAtBroker else { return }
    stage.connections[connection].isOpenAtBroker = false
    stage.connections[connection].isConsuming = false
    for _ in stage.connections[connection].backlog { stage.publishEnded() }
    stage.connections[connection].backlog.removeAll()
    for case let delivery? in stage.connections[connection].tags.reversed() {
      stage.trace("delivery \(delivery) is taken back")
      stage.audit.disrupted(delivery)
      giveBack(delivery)
    }
    stage.connections[connection].tags.removeAll()
    if isUp { deliver() }
  }

  func closed(_ connection: Int) {
    guard stage.reachesBroker(connection) else { return }
    lost(connection)
  }
}
