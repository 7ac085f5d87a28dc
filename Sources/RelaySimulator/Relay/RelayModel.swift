internal import RelayCore

/// A relay process around the real core: it carries out the decisions of machine, gate and token lifecycle as the service
/// does, and can end at any step, with everything it knows.
final class RelayModel {
  enum Phase {
    case running, draining, over
  }

  enum TokenWaiter {
    case flow(Int, newerThan: TokenGeneration?)
    case consumer
  }

  let index: Int
  let stage: Stage
  let plant: PlantedBug?
  /// Counts the lives of the process; what was planned in an earlier one means nothing.
  private(set) var incarnation = 0
  private(set) var phase = Phase.over
  /// Until when the process stands still.
  var frozenUntil = 0
  /// Steps until the process is killed.
  var stepsLeft: Int?

  // The links.
  var consumeLink: Int?
  var publishLink: Int?
  var isBlocked = false
  var hasStartedConsumeLink = false

  // The consumer.
  var isConsuming = false
  var isStartingConsumer = false
  var hasConsumed = false
  var wantsRestart = false
  var takesWork = true
  var gate = ConsumptionGate()
  var gateSerial = 0

  // The publisher.
  var unconfirmed: [Int] = []
  var waiting: [Int] = []
  var waitingForPublisher: [(flow: Int, generation: TokenGeneration, token: Int)] = []

  // Answers that are not taken.
  var breaker = ReplyBreaker()

  // Results.
  var store = MemoryResultStore(maximumBytes: 0, lifetime: .zero) { .zero }
  var sharedCalls = SharedCalls<Int>()

  // The start.
  var slowStart = SlowStart()

  // The requests.
  var flows: [Flow] = []
  var inWork: [Int] = []

  // The token.
  var lifecycle = TokenLifecycle()
  var token = -1
  var tokenWaiters: [TokenWaiter] = []
  var lastLoginFailure: CallFailure?
  var tokenSerial = 0

  // The permits.
  var pausedUntil = 0
  /// Until when the pause is so long that nothing is consumed.
  var quietUntil: Int?
  var callsUnderWay = 0
  var logins = LoginBook()

  init(index: Int, stage: Stage, plant: PlantedBug?) {
    self.index = index
    self.stage = stage
    self.plant = plant
  }

  var isAlive: Bool { phase != .over }

  var now: Duration { .milliseconds(stage.now) }

  /// Whether it still has something to publish.
  var isPublishing: Bool { !unconfirmed.isEmpty || !waiting.isEmpty }

  // MARK: Life

  func start() {
    guard !isAlive else { return }
    incarnation += 1
    reset()
    phase = .running
    stage.audit.relayStarted(index)
    stage.trace("relay \(index) starts")
    connect(.publish)
  }

  private func reset() {
    (consumeLink, publishLink, isBlocked, hasStartedConsumeLink) = (nil, nil, false, false)
    (isConsuming, isStartingConsumer, hasConsumed, wantsRestart, takesWork) = (false, false, false, false, true)
    gate = ConsumptionGate()
    (unconfirmed, waiting, waitingForPublisher) = ([], [], [])
    (flows, inWork) = ([], [])
    (breaker, sharedCalls, slowStart) = (ReplyBreaker(), SharedCalls(), SlowStart())
    store = MemoryResultStore(maximumBytes: 1 << 20, lifetime: stage.scenario.resultLifetime) { [stage] in
      .milliseconds(stage.now)
    }
    lifecycle = TokenLifecycle()
    (token, tokenWaiters, lastLoginFailure) = (-1, [], nil)
    logins = LoginBook()
    (pausedUntil, quietUntil, callsUnderWay) = (0, nil, 0)
    (stepsLeft, frozenUntil) = (nil, 0)
  }

  /// kill -9: sockets close, and bytes that were not sent yet may or may not be.
  func kill() {
    guard isAlive else { return }
    stage.trace("relay \(index) is killed")
    phase = .over
    stage.audit.counts.relayEnds += 1
    for case let link? in [consumeLink, publishLink] {
      stage.connections[link].isOpenAtRelay = false
      stage.sever(link, relayNotices: 0, brokerNotices: 5, arrivingFor: stage.random.pick([0, 1, 1_000]))
    }
    (unconfirmed, waiting) = ([], [])
    stage.plan(.relayStarts(index), after: stage.random.magnitude(10, 5_000))
  }

  /// Every step that the outside could notice; false when the process ends before it.
  func step() -> Bool {
    guard isAlive else { return false }
    guard let left = stepsLeft else { return true }
    stepsLeft = left - 1
    if left == 0 { kill() }
    return isAlive
  }

  func send(_ connection: Int, _ event: Event) -> Bool {
    guard step() else { return false }
    stage.sendToBroker(connection, event)
    return true
  }

  /// SIGTERM: nothing new, finish what is in work, close.
  func terminate() {
    guard phase == .running else { return }
    stage.trace("relay \(index) is told to end")
    phase = .draining
    stage.plan(.shutdownTimer(relay: index, incarnation: incarnation), after: 25_000)
    gateSerial += 1
    cancelConsumer()
    stopTakingWork()
    drained()
  }

  /// Called whenever something ended that a shutdown may wait for.
  func drained() {
    guard phase == .draining, !isConsuming, inWork.isEmpty else { return }
    finish()
  }

  func shutdownTimedOut() {
    if phase == .draining { finish() }
  }

  private func finish() {
    stage.trace("relay \(index) ends, with \(inWork.count) in work")
    phase = .over
    stage.audit.counts.relayEnds += 1
    for case let link? in [consumeLink, publishLink] { closeInOrder(link) }
    (unconfirmed, waiting) = ([], [])
    stage.plan(.relayStarts(index), after: stage.random.magnitude(10, 5_000))
  }

  func closeInOrder(_ link: Int) {
    stage.sendToBroker(link, .closed(connection: link))
    stage.connections[link].isOpenAtRelay = false
  }

  // MARK: Links

  func connect(_ role: Connection.Role, after delay: Int = 0) {
    stage.plan(.connects(relay: index, incarnation: incarnation, role), after: delay + stage.scenario.latency)
  }

  func connected(_ connection: Int, _ role: Connection.Role) {
    switch role {
    case .publish:
      publishLink = connection
      isBlocked = false
      sendWaiting()
      publisherIsAvailable()
      guard isAlive else { return }
      if !hasStartedConsumeLink {
        hasStartedConsumeLink = true
        connect(.consume)
      }
    case .consume: consumeLink = connection
    }
    startConsuming()
  }

  func notConnected(_ role: Connection.Role) {
    connect(role, after: stage.random.between(250, 5_000))
  }

  func linkLost(_ connection: Int) {
    stage.connections[connection].isOpenAtRelay = false
    if connection == publishLink {
      publishLink = nil
      isBlocked = false
      publisherLost()
    } else if connection == consumeLink {
      consumerLost()
      hasConsumed = false
      wantsRestart = false
    } else {
      return
    }
    stage.trace("relay \(index) notices the loss of connection \(connection)")
    guard isAlive else { return }
    notConnected(stage.connections[connection].role)
    drained()
  }
}
