import RelayCore

/// One process under more load than it may carry, against a model of the service, in simulated time.
struct LimiterRun {
  var limiter: CallLimiter
  var service: ModelService
  var random: CheckRandom
  /// The time between a call's start and its arrival, and between its arrival and the answer.
  var latency: ClosedRange<Int> = 5...30
  /// Requests that wait or are under way at most.
  var prefetch = 50
  private(set) var now = Duration.zero
  private var events: [(time: Duration, event: Event)] = []
  private var busy = 0

  private enum Event {
    case arrives(CallPermit)
    case answered(CallPermit, ThrottleNotice?)
  }

  init(_ service: ModelService, policy: RatePolicy = RatePolicy(), seed: UInt64) {
    limiter = CallLimiter(policy: policy)
    self.service = service
    random = CheckRandom(seed: seed)
  }

  mutating func run(until end: Duration) {
    while now < end {
      fill()
      serve()
      let wake = limiter.nextWake(now: now)
      let next = [wake, events.first?.time].compactMap { $0 }.min() ?? end
      now = max(now + .microseconds(1), min(next, end))
      while let first = events.first, first.time <= now {
        events.removeFirst()
        handle(first.event)
      }
    }
  }

  private mutating func fill() {
    while busy < prefetch {
      busy += 1
      let entry = limiter.enter(publisher: "p", api: "a", deadline: .seconds(1 << 40), now: now)
      if case .granted(let permit) = entry { begin(permit) }
    }
  }

  private mutating func serve() {
    while let step = limiter.next(now: now) {
      if case .granted(_, let permit) = step { begin(permit) }
    }
  }

  private mutating func begin(_ permit: CallPermit) {
    plan(.arrives(permit))
  }

  private mutating func plan(_ event: Event) {
    let time = now + .milliseconds(Int.random(in: latency, using: &random))
    let index = events.firstIndex { $0.time > time } ?? events.count
    events.insert((time, event), at: index)
  }

  private mutating func handle(_ event: Event) {
    switch event {
    case .arrives(let permit): plan(.answered(permit, service.call(at: now)))
    case .answered(let permit, let notice):
      if let notice {
        _ = limiter.refused(permit, notice, now: now)
        let entry = limiter.enter(publisher: "p", api: "a", deadline: .seconds(1 << 40), atFront: true, now: now)
        if case .granted(let permit) = entry { begin(permit) }
      } else {
        limiter.ended(permit, now: now)
        busy -= 1
      }
    }
  }
}
