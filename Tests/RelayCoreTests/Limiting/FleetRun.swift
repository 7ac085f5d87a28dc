import RelayCore

/// Processes that share one limit, against a model of the service, in simulated time.
struct FleetRun {
  struct Process {
    var limiter: CallLimiter
    var busy = 0
    var isAlive = true
    var isCutOff = false
    var wake: Duration?
  }

  enum Event {
    case wake(Int)
    case reaches(Int, LeaseRequest)
    case leased(Int, LeaseAnswer?)
    case arrives(Int, CallPermit)
    case answered(Int, CallPermit, ThrottleNotice?)
  }

  var processes: [Process] = []
  var service: ModelService
  var keeper: FleetLedger
  /// How far its clock is from that of the simulation.
  var clockError = Duration.zero
  var isKeeperAway = false
  var random: CheckRandom
  var prefetch = 50
  /// How late timers fire at most.
  var lateness = Duration.zero
  private(set) var now = Duration.zero
  private(set) var leases = 0
  /// The most calls of all processes that were under way at a time, and how long each takes.
  private(set) var mostAtOnce = 0
  private(set) var refusedAtOnce = 0
  private var atOnce = 0
  /// Above so many at once the service refuses.
  var allowedAtOnce = Int.max
  var callTime = 5_000...25_000
  private var events = EventHeap()

  init(_ service: ModelService, keeper: FleetLedger = FleetLedger(), seed: UInt64) {
    self.service = service
    self.keeper = keeper
    random = CheckRandom(seed: seed)
  }

  mutating func add(_ count: Int, policy: RatePolicy, fleet: FleetPolicy = FleetPolicy(), callsAtOnce: Int = .max) {
    for _ in 0..<count {
      let concurrency = AdaptiveConcurrency(maximum: callsAtOnce, now: now)
      var limiter = CallLimiter(policy: policy, concurrency: concurrency, now: now)
      limiter.join(fleet, now: now, jitter: Double.random(in: 0..<1, using: &random))
      processes.append(Process(limiter: limiter))
      plan(.wake(processes.count - 1), after: .microseconds(Int.random(in: 0...1_000, using: &random)))
    }
  }

  mutating func stop(_ index: Int) { processes[index].isAlive = false }

  /// Counts from here on.
  mutating func forgetMostAtOnce() { mostAtOnce = atOnce }

  mutating func run(until end: Duration) {
    while let next = events.first, next <= end {
      guard let (time, event) = events.pop() else { break }
      now = max(now, time)
      handle(event)
    }
    now = end
    for index in processes.indices { plan(.wake(index), after: .zero) }
  }

  private mutating func plan(_ event: Event, after delay: Duration) { events.push(now + delay, event) }

  private mutating func handle(_ event: Event) {
    switch event {
    case .wake(let index):
      if let wake = processes[index].wake, wake <= now { processes[index].wake = nil }
      work(index)
    case .reaches(let index, let request):
      let isLost = isKeeperAway || processes[index].isCutOff
      let answer = isLost ? nil : keeper.lease(request, of: index, now: now + clockError).answer
      plan(.leased(index, answer), after: isLost ? .milliseconds(20) : .microseconds(200))
    case .leased(let index, let answer):
      leases += 1
      if let answer {
        processes[index].limiter.leased(answer, now: now)
      } else {
        processes[index].limiter.leaseFailed(now: now, jitter: Double.random(in: 0..<1, using: &random))
      }
      work(index)
    case .arrives(let index, let permit):
      atOnce += 1
      mostAtOnce = max(mostAtOnce, atOnce)
      var notice = service.call(at: now)
      if atOnce > allowedAtOnce {
        notice = ThrottleNotice(kind: .concurrency)
        refusedAtOnce += 1
      }
      plan(.answered(index, permit, notice), after: latency())
    case .answered(let index, let permit, let notice):
      atOnce -= 1
      answered(index, permit, notice)
    }
  }

  private mutating func latency() -> Duration { .microseconds(Int.random(in: callTime, using: &random)) }

  private mutating func answered(_ index: Int, _ permit: CallPermit, _ notice: ThrottleNotice?) {
    if let notice {
      _ = processes[index].limiter.refused(permit, notice, now: now)
      enter(index, atFront: true)
    } else {
      processes[index].limiter.ended(permit, now: now)
      processes[index].busy -= 1
    }
    work(index)
  }

  private mutating func enter(_ index: Int, atFront: Bool) {
    let entry = processes[index].limiter.enter(
      publisher: "p", api: "a", deadline: .seconds(1 << 40), atFront: atFront, now: now)
    if case .granted(let permit) = entry { plan(.arrives(index, permit), after: latency()) }
  }

  /// What a process does whenever something has happened to it.
  private mutating func work(_ index: Int) {
    guard processes[index].isAlive else { return }
    while processes[index].busy < prefetch {
      processes[index].busy += 1
      enter(index, atFront: false)
    }
    while case .granted(_, let permit)? = processes[index].limiter.next(now: now) {
      plan(.arrives(index, permit), after: latency())
    }
    if let request = processes[index].limiter.leaseRequest(now: now) {
      plan(.reaches(index, request), after: .microseconds(100))
    }
    let limiter = processes[index].limiter
    guard let wake = [limiter.nextWake(now: now), limiter.leaseWake(now: now)].compactMap({ $0 }).min() else { return }
    if let planned = processes[index].wake, planned <= wake { return }
    processes[index].wake = wake
    let late = lateness * Double.random(in: 0...1, using: &random)
    plan(.wake(index), after: max(wake - now, .microseconds(50)) + late)
  }
}

/// Events in the order of their times.
struct EventHeap {
  private var items: [(time: Duration, serial: Int, event: FleetRun.Event)] = []
  private var serial = 0

  var first: Duration? { items.first?.time }

  mutating func push(_ time: Duration, _ event: FleetRun.Event) {
    serial += 1
    items.append((time, serial, event))
    var child = items.count - 1
    while child > 0, isBefore(child, (child - 1) / 2) {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> (Duration, FleetRun.Event)? {
    guard let first = items.first, let last = items.popLast() else { return nil }
    guard !items.isEmpty else { return (first.time, first.event) }
    items[0] = last
    var parent = 0
    while true {
      let (left, right) = (2 * parent + 1, 2 * parent + 2)
      guard left < items.count else { break }
      let child = right < items.count && isBefore(right, left) ? right : left
      guard isBefore(child, parent) else { break }
      items.swapAt(child, parent)
      parent = child
    }
    return (first.time, first.event)
  }

  private func isBefore(_ left: Int, _ right: Int) -> Bool {
    (items[left].time, items[left].serial) < (items[right].time, items[right].serial)
  }
}
