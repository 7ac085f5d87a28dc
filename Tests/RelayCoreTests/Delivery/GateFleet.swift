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
    case told(Int, OutageModel.Step)
    case answered(Int, OutageModel.Answer?)
    case news(Int, FleetOutage)
    case callEnded(Int)
  }

  var processes: [Process]
  var keeper = OutageModel()
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
    case .told(let index, let step):
      guard !isKeeperAway else { return plan(.answered(index, nil), steps: 1) }
      let before = keeper.outage
      let answer = keeper.take(step, from: index, at: now)
      if closedAt == nil, keeper.outage?.isClosed == true { closedAt = now }
      plan(.answered(index, answer), steps: 1)
      guard keeper.outage != before, let outage = keeper.outage else { return }
      for other in processes.indices where processes[other].hears { plan(.news(other, outage), steps: 1) }
    case .answered(let index, let answer): answered(index, answer)
    case .news(let index, let outage): follow(outage, index)
    case .callEnded(let index): callEnded(index)
    }
  }

  private mutating func answered(_ index: Int, _ answer: OutageModel.Answer?) {
    guard let answer else { return apply(processes[index].gate.turnUnknown(), index) }
    if let outage = answer.outage { follow(outage, index) }
    switch answer.step {
    case .probe:
      apply(
        answer.isTurnGiven ? processes[index].gate.turnGiven() : processes[index].gate.turnRefused(now: now), index)
    case .failed(let row):
      guard row >= processes[index].gate.patience else { return }
      apply(processes[index].gate.fleetFailed(members: processes.count, now: now), index)
      if processes[index].gate.isFleetWide { tellOfClosing(index) }
    case .close, .open, .succeeded, .look: break
    }
  }

  private mutating func follow(_ outage: FleetOutage, _ index: Int) {
    apply(processes[index].gate.follow(outage, left: outage.until - now, now: now), index)
    if processes[index].gate.isFleetMisinformed { plan(.told(index, .open), steps: 1) }
  }

  private mutating func callEnded(_ index: Int) {
    let failure = SampleFailure.make(.backoff, .service, status: 503)
    guard isServiceDown || cutOff.contains(index) else {
      plan(.told(index, .succeeded), steps: 1)
      let effect = processes[index].gate.succeeded()
      apply(effect, index)
      if effect != .none, processes[index].gate.isFleetMisinformed { plan(.told(index, .open), steps: 1) }
      return
    }
    plan(.told(index, .failed(row: 0)), steps: 1)
    guard processes[index].gate.isShared(failure) else { return }
    let effect = processes[index].gate.close(
      failure, members: processes.count, jitter: Double.random(in: 0..<1, using: &random), now: now)
    apply(effect, index)
    if processes[index].gate.isFleetWide, effect != .none { tellOfClosing(index) }
  }

  private mutating func tellOfClosing(_ index: Int) {
    guard case .closed(let until) = processes[index].gate.state else { return }
    let known = processes[index].gate.outage?.changedAt ?? .zero
    plan(.told(index, .close(pause: until - now, known: known)), steps: 1)
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
      plan(.told(index, .probe), steps: 1)
    case .probe:
      if processes[index].gate.isFleetWide { processes[index].wake = now + .seconds(1) }
      processes[index].callAt = now + .milliseconds(30)
    case .consume: processes[index].callAt = now + .milliseconds(10)
    }
  }

  /// What each lease brings as well: the record.
  mutating func look() {
    for index in processes.indices { plan(.told(index, .look), steps: Int.random(in: 1...100, using: &random)) }
  }
}

/// The keeper's part in outages, as its scripts do it.
struct OutageModel {
  enum Step {
    case close(pause: Duration, known: Duration)
    case probe, open, succeeded, look
    case failed(row: Int)
  }

  struct Answer {
    var step: Step
    var isTurnGiven = false
    var outage: FleetOutage?
  }

  private(set) var outage: FleetOutage?
  private var row = 0
  private var turn: (holder: Int, until: Duration)?

  mutating func take(_ step: Step, from index: Int, at now: Duration) -> Answer {
    var answer = Answer(step: step)
    if let turn, turn.until <= now { self.turn = nil }
    switch step {
    case .close(let pause, let known):
      if outage?.isClosed != true || outage?.changedAt == known { tell((outage?.failures ?? 0) + 1, pause, now) }
      free(index)
    case .open:
      if outage?.isClosed == true { tell(0, .zero, now) }
      free(index)
    case .probe:
      if outage == nil { tell(1, .zero, now) }
      if let outage, outage.isClosed, now >= outage.until, turn == nil || turn?.holder == index {
        turn = (index, now + .seconds(5))
        answer.isTurnGiven = true
      }
    case .failed:
      row += 1
      answer.step = .failed(row: row)
    case .succeeded: row = 0
    case .look: break
    }
    answer.outage = outage
    return answer
  }

  private mutating func free(_ index: Int) {
    if turn?.holder == index || outage?.isClosed != true { turn = nil }
  }

  private mutating func tell(_ failures: Int, _ pause: Duration, _ now: Duration) {
    row = 0
    outage = FleetOutage(
      changedAt: max(now, (outage?.changedAt ?? .zero) + .microseconds(1)), failures: failures, until: now + pause,
      code: .backendFailed, backendCode: "ModelArts.4302")
  }
}
