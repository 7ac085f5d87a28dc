import OCRContract
import RelayCore

/// Gates of processes that share an outage, with a keeper as the script in Redis is, in simulated time: each step is ten
/// milliseconds, an answer takes one step, a call takes two.
struct GateFleet {
  struct Process {
    var gate = ConsumptionGate()
    var wake: Duration?
    /// When its next call begins, while it consumes.
    var callAt: Duration?
    var hears = true
    var isAlive = true
  }

  private enum Event {
    case told(Int, KeeperTalk)
    case answered(Int, KeeperTalk.Answer?)
    case news(Int, FleetOutage)
    case callEnded(Int)
  }

  var processes: [Process]
  var keeper = FleetLedger()
  var isServiceDown = false
  var isKeeperAway = false
  /// Processes that cannot reach the service even when it works.
  var cutOff: Set<Int> = []
  /// Time between two calls of a process that consumes.
  var pace = Duration.milliseconds(800)
  private(set) var now = Duration.zero
  /// When the keeper closed the fleet for the first time.
  private(set) var closedAt: Duration?
  /// Begin and process of each call.
  private(set) var calls: [(time: Duration, process: Int)] = []
  private var events: [(time: Duration, event: Event)] = []
  private var random: CheckRandom

  init(_ count: Int, seed: UInt64) {
    random = CheckRandom(seed: seed)
    processes = []
    for _ in 0..<count {
      processes.append(Process(callAt: .milliseconds(Int.random(in: 0..<800, using: &random))))
    }
  }

  func calls(from start: Duration, to end: Duration) -> Int { calls.count { $0.time >= start && $0.time < end } }

  /// The most calls in any second that begins at `start` or later.
  func mostCallsInASecond(from start: Duration) -> Int {
    let times = calls.map(\.time).filter { $0 >= start }
    return times.map { first in times.count { $0 >= first && $0 < first + .seconds(1) } }.max() ?? 0
  }

  mutating func run(until end: Duration) {
    while now < end {
      now += .milliseconds(10)
      let due = events.filter { $0.time <= now }
      events.removeAll { $0.time <= now }
      for item in due { handle(item.event) }
      for index in processes.indices where processes[index].isAlive { step(index) }
    }
  }

  private mutating func step(_ index: Int) {
    if let wake = processes[index].wake, wake <= now {
      processes[index].wake = nil
      apply(processes[index].gate.tick(now: now), index)
    }
    guard let callAt = processes[index].callAt, callAt <= now else { return }
    calls.append((now, index))
    let isProbe = processes[index].gate.state == .probing
    processes[index].callAt = isProbe ? nil : now + pace * Double.random(in: 0.8...1.2, using: &random)
    plan(.callEnded(index), steps: 2)
  }

  private mutating func plan(_ event: Event, steps: Int) { events.append((now + .milliseconds(10) * steps, event)) }

  private mutating func handle(_ event: Event) {
    switch event {
    case .told(let index, let talk):
      guard !isKeeperAway else { return plan(.answered(index, nil), steps: 1) }
      let before = keeper.outage
      let answer = talk.take(from: index, by: &keeper, now: now)
      if closedAt == nil, keeper.outage?.isClosed == true { closedAt = now }
      plan(.answered(index, answer), steps: 1)
      guard keeper.outage != before, let outage = keeper.outage else { return }
      for other in processes.indices where processes[other].hears { plan(.news(other, outage), steps: 1) }
    case .answered(let index, let answer): answered(index, answer)
    case .news(let index, let outage): follow(outage, index)
    case .callEnded(let index): callEnded(index)
    }
  }

  private mutating func answered(_ index: Int, _ answer: KeeperTalk.Answer?) {
    guard let answer else { return apply(processes[index].gate.turnUnknown(), index) }
    if let outage = answer.outage { follow(outage, index) }
    if answer.isProbe {
      return apply(
        answer.isTurnGiven ? processes[index].gate.turnGiven() : processes[index].gate.turnRefused(now: now), index)
    }
    guard answer.failed > 0, answer.row >= processes[index].gate.patience else { return }
    apply(processes[index].gate.fleetFailed(members: processes.count, now: now), index)
    if processes[index].gate.isFleetWide { tellOfClosing(index) }
  }

  private mutating func follow(_ outage: FleetOutage, _ index: Int) {
    apply(processes[index].gate.follow(outage, left: outage.until - now, now: now), index)
    if processes[index].gate.isFleetMisinformed { tell(.open, index) }
  }

  private mutating func callEnded(_ index: Int) {
    let failure = SampleFailure.make(.backoff, .service, status: 503)
    guard isServiceDown || cutOff.contains(index) else {
      plan(.told(index, .lease(answered: 1, failed: 0)), steps: 1)
      let effect = processes[index].gate.succeeded()
      apply(effect, index)
      if effect != .none, processes[index].gate.isFleetMisinformed { tell(.open, index) }
      return
    }
    plan(.told(index, .lease(answered: 1, failed: 1)), steps: 1)
    guard processes[index].gate.isShared(failure) else { return }
    let effect = processes[index].gate.close(
      failure, members: processes.count, jitter: Double.random(in: 0..<1, using: &random), now: now)
    apply(effect, index)
    if processes[index].gate.isFleetWide, effect != .none { tellOfClosing(index) }
  }

  private mutating func tellOfClosing(_ index: Int) {
    guard case .closed(let until) = processes[index].gate.state else { return }
    tell(.close, index, pause: until - now)
  }

  private mutating func tell(_ kind: OutageStep.Kind, _ index: Int, pause: Duration = .zero) {
    let gate = processes[index].gate
    let cause = gate.failure.map(FleetOutage.cause(of:)) ?? "OCR_BACKEND_FAILED,"
    let step = OutageStep(kind: kind, pause: pause, known: gate.outage?.changedAt ?? .zero, cause: cause)
    plan(.told(index, .told(step)), steps: 1)
  }

  private mutating func apply(_ effect: ConsumptionGate.Effect, _ index: Int) {
    switch effect {
    case .none: break
    case .stopConsuming(let until):
      processes[index].callAt = nil
      processes[index].wake = until
    case .wait(let until): processes[index].wake = until
    case .askForTurn:
      processes[index].wake = now + .seconds(1)
      tell(.probe, index)
    case .probe:
      if processes[index].gate.isFleetWide { processes[index].wake = now + .seconds(1) }
      processes[index].callAt = now + .milliseconds(30)
    case .consume: processes[index].callAt = now + .milliseconds(10)
    }
  }

  /// What each lease brings as well: the record.
  mutating func look() {
    for index in processes.indices {
      plan(.told(index, .lease(answered: 0, failed: 0)), steps: Int.random(in: 1...100, using: &random))
    }
  }
}

/// What a process says to the keeper, and what it is told.
enum KeeperTalk {
  case told(OutageStep)
  /// A lease, with calls answered and failed since the last one.
  case lease(answered: Int, failed: Int)

  struct Answer {
    var isProbe = false
    var isTurnGiven = false
    var failed = 0
    var row = 0
    var outage: FleetOutage?
  }

  func take(from index: Int, by keeper: inout FleetLedger, now: Duration) -> Answer {
    switch self {
    case .told(let step):
      let answer = keeper.take(step, of: index, now: now).answer
      return Answer(isProbe: step.kind == .probe, isTurnGiven: answer.isTurnGiven, outage: answer.outage)
    case .lease(let answered, let failed):
      let request = LeaseRequest(
        answered: answered, interval: .seconds(1), tolerance: .zero, horizon: .milliseconds(100), failed: failed)
      let answer = keeper.lease(request, of: index, now: now).answer
      return Answer(failed: failed, row: answer.failedInARow, outage: answer.outage)
    }
  }
}
