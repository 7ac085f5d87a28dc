/// What all models of a run share: clock, chance, planned events, the tables, the audit. Models reach one another by
/// events only.
final class Stage {
  private(set) var now = 0
  var random: SplitMix64
  let scenario: Scenario
  var connections: [Connection] = []
  var messages: [Message] = []
  var deliveries: [Delivery] = []
  var publications: [Publication] = []
  var calls: [Call] = []
  var logins: [Login] = []
  var tokens: [Token] = []
  let audit: Audit
  /// Messages that wait in the work queue.
  var waitingMessages = 0
  /// Publishes between a relay and the broker's decision.
  private(set) var publishesUnderWay = 0

  private var events = EventQueue()
  private var active = [Int](repeating: 0, count: Fault.Kind.allCases.count)
  private(set) var log: [String]?

  init(seed: UInt64, promises: Set<Violation.Promise>, isTracing: Bool) {
    random = SplitMix64(seed: seed)
    scenario = Scenario(random: &random)
    audit = Audit(requests: scenario.requests, promises: promises)
    log = isTracing ? [] : nil
  }

  // MARK: Time

  func plan(_ event: Event, after delay: Int) {
    events.add(event, at: now + max(delay, 0))
  }

  func plan(_ event: Event, at time: Int) {
    events.add(event, at: max(time, now))
  }

  func next() -> Event? {
    guard let (time, event) = events.next() else { return nil }
    now = time
    audit.now = time
    return event
  }

  // MARK: Trouble

  func isActive(_ kind: Fault.Kind) -> Bool { active[kind.rawValue] > 0 }

  func begin(_ kind: Fault.Kind) { active[kind.rawValue] += 1 }

  func end(_ kind: Fault.Kind) { active[kind.rawValue] -= 1 }

  // MARK: Network

  func connect(relay: Int, incarnation: Int, role: Connection.Role) -> Int {
    connections.append(Connection(relay: relay, incarnation: incarnation, role: role))
    return connections.count - 1
  }

  /// Sends from the relay's end.
  func sendToBroker(_ connection: Int, _ event: Event) {
    let time = max(now + random.between(0, scenario.latency), connections[connection].lastToBroker)
    connections[connection].lastToBroker = time
    if case .published = event { publishesUnderWay += 1 }
    events.add(event, at: time)
  }

  /// Sends from the broker's end, `delay` after now at the earliest. What is sent later does not overtake.
  func sendToRelay(_ connection: Int, _ event: Event, after delay: Int = 0) {
    let time = max(now + delay + random.between(0, scenario.latency), connections[connection].lastToRelay)
    connections[connection].lastToRelay = time
    events.add(event, at: time)
  }

  func reachesBroker(_ connection: Int) -> Bool {
    connections[connection].isOpenAtBroker && now <= connections[connection].severedAt
  }

  func reachesRelay(_ connection: Int) -> Bool {
    connections[connection].isOpenAtRelay && now <= connections[connection].severedAt
  }

  func publishEnded() { publishesUnderWay -= 1 }

  /// Cuts a connection; the ends notice within the given times.
  func sever(_ connection: Int, relayNotices: Int, brokerNotices: Int, arrivingFor: Int = 0) {
    connections[connection].severedAt = min(connections[connection].severedAt, now + arrivingFor)
    plan(.relayNoticesLoss(connection: connection), after: arrivingFor + random.below(relayNotices + 1))
    plan(.brokerNoticesLoss(connection: connection), after: arrivingFor + random.below(brokerNotices + 1))
  }

  // MARK: Copies

  /// Notes a copy that a relay publishes.
  func add(_ copy: Publication) -> Int {
    var copy = copy
    copy.past = audit.past(after: copy.delivery)
    publications.append(copy)
    audit.published(copy)
    return publications.count - 1
  }

  // MARK: Trace

  func trace(_ text: @autoclosure () -> String) {
    guard log != nil else { return }
    log?.append("\(now) ms  \(text())")
  }
}
