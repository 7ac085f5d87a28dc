import RelayCore
import Testing

struct CallLimiterTests {
  private static let far = Duration.seconds(100_000)

  private func limiter(_ calls: Int, per seconds: Int, capacity: Int = 100, weights: [String: Int] = [:]) -> CallLimiter
  {
    CallLimiter(
      policy: RatePolicy(limits: [RateLimit(calls: calls, window: .seconds(seconds))]), capacity: capacity,
      weights: weights)
  }

  private func ticket(_ entry: CallLimiter.Entry) -> WaitingTicket? {
    if case .waiting(let ticket) = entry { ticket } else { nil }
  }

  private func permit(_ step: CallLimiter.Step?) -> CallPermit? {
    if case .granted(_, let permit) = step { permit } else { nil }
  }

  @Test func theFirstCallGoesAtOnceTheNextOnesWaitTheirTurn() {
    var limiter = limiter(10, per: 10)
    let first = limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .zero)
    guard case .granted(let permit) = first else { return #expect(Bool(false)) }
    #expect(permit.api == "x" && permit.began == .zero && limiter.permits == 1)
    let second = ticket(limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .zero))
    #expect(second != nil && limiter.waiting == 1)
    let wake = limiter.nextWake(now: .zero)
    #expect(wake.map { $0 > .milliseconds(900) && $0 < .milliseconds(1_031) } == true)
    let early = limiter.next(now: .milliseconds(900))
    #expect(early == nil)
    guard let wake, case .granted(let served, _) = limiter.next(now: wake) else { return #expect(Bool(false)) }
    #expect(served == second && limiter.waiting == 0 && limiter.nextWake(now: wake) == nil)
  }

  @Test func aFullRoomTakesNobody() {
    var limiter = limiter(1, per: 10, capacity: 1)
    _ = limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .zero)
    let waiting = ticket(limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .zero))
    let full = limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .zero)
    #expect(waiting != nil && full == .full)
    if let waiting { limiter.leave(waiting) }
    let free = ticket(limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .zero))
    #expect(free != nil)
  }

  @Test func theWaitEndsAtTheDeadline() {
    var limiter = limiter(1, per: 100)
    _ = limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .zero)
    let waiting = ticket(limiter.enter(publisher: "a", api: "x", deadline: .seconds(5), now: .zero))
    #expect(limiter.nextWake(now: .zero) == .seconds(5))
    let early = limiter.next(now: .milliseconds(4_999))
    let late = limiter.next(now: .seconds(5))
    #expect(early == nil && late == waiting.map { .expired($0) })
    #expect(limiter.nextWake(now: .seconds(5)) == nil)
  }

  /// Everyone has its share of the permits, however much one publisher sends.
  @Test func aFlooderWaitsAlone() {
    var limiter = limiter(100, per: 10, capacity: 10_000)
    var flooder: Set<WaitingTicket> = []
    for _ in 0..<1_000 {
      if let ticket = ticket(limiter.enter(publisher: "flooder", api: "x", deadline: Self.far, now: .zero)) {
        flooder.insert(ticket)
      }
    }
    var now = Duration.zero
    for _ in 0..<50 {
      let other = ticket(limiter.enter(publisher: "other", api: "x", deadline: Self.far, now: now))
      var before = 0
      while let wake = limiter.nextWake(now: now) {
        now = max(now, wake)
        guard case .granted(let served, let permit) = limiter.next(now: now) else { continue }
        limiter.ended(permit, now: now)
        if served == other { break }
        before += 1
      }
      #expect(before <= 1, "one turn of the flooder at most")
    }
  }

  @Test func weightsAreTurns() {
    var limiter = limiter(100, per: 10, capacity: 1_000, weights: ["big": 3])
    var owner: [WaitingTicket: String] = [:]
    for _ in 0..<100 {
      for publisher in ["big", "small"] {
        if let ticket = ticket(limiter.enter(publisher: publisher, api: "x", deadline: Self.far, now: .zero)) {
          owner[ticket] = publisher
        }
      }
    }
    var served: [String: Int] = [:]
    var now = Duration.zero
    for _ in 0..<40 {
      now = limiter.nextWake(now: now) ?? now
      if case .granted(let ticket, _) = limiter.next(now: now) { served[owner[ticket] ?? "", default: 0] += 1 }
    }
    #expect(served == ["big": 30, "small": 10])
  }

  @Test func aRefusalPausesEverybody() {
    var limiter = CallLimiter(policy: RatePolicy())
    guard case .granted(let permit) = limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .zero) else {
      return #expect(Bool(false))
    }
    let notice = ThrottleNotice(kind: .rate, limit: 30, window: .seconds(10), policy: "user")
    let refusal = limiter.refused(permit, notice, now: .seconds(1))
    #expect(refusal == .rate(.cut) && limiter.refusals == 1 && limiter.concurrency.inFlight == 0)
    let other = ticket(limiter.enter(publisher: "b", api: "y", deadline: Self.far, now: .seconds(2)))
    let again = ticket(
      limiter.enter(publisher: "a", api: "x", deadline: Self.far, atFront: true, now: .seconds(2)))
    #expect(other != nil && again != nil)
    #expect(limiter.nextWake(now: .seconds(2)) == .seconds(11))
    let early = limiter.next(now: .milliseconds(10_999))
    let first = self.permit(limiter.next(now: .seconds(11)))
    let second = self.permit(limiter.next(now: .seconds(11)))
    #expect(early == nil && first?.api == "y" && second == nil, "the pause ends with one call, not with all")
  }

  @Test func tooManyAtOnceIsNoMatterOfTheRate() {
    var limiter = CallLimiter(policy: RatePolicy(startCallsPerSecond: 1_000_000))
    var permits: [CallPermit] = []
    for step in 0..<8 {
      let entry = limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .milliseconds(step))
      if case .granted(let permit) = entry { permits.append(permit) }
    }
    #expect(permits.count == 8)
    let before = limiter.rate
    let refusal = limiter.refused(permits[0], ThrottleNotice(kind: .concurrency), now: .seconds(1))
    #expect(refusal == .concurrency(isCut: true) && limiter.rate == before)
    #expect(limiter.concurrency.limit == 4 && limiter.concurrency.inFlight == 7)
    let waiting = ticket(limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .seconds(9)))
    #expect(waiting != nil && limiter.nextWake(now: .seconds(9)) == Self.far, "only an answer opens the gate")
    for permit in permits.dropFirst().prefix(4) { limiter.ended(permit, now: .seconds(9)) }
    let served = permit(limiter.next(now: .seconds(9)))
    #expect(served != nil)
  }

  @Test func anAPIWithALimitOfItsOwnHoldsUpNoOther() {
    var limiter = CallLimiter(policy: RatePolicy(startCallsPerSecond: 1_000_000))
    guard case .granted(let permit) = limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .zero) else {
      return #expect(Bool(false))
    }
    let notice = ThrottleNotice(kind: .rate, limit: 1, window: .seconds(10), policy: "api")
    let refusal = limiter.refused(permit, notice, now: .zero)
    #expect(refusal == .apiRate(.cut) && limiter.rate.limit == nil)
    let slow = ticket(limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .seconds(1)))
    let quick = ticket(limiter.enter(publisher: "b", api: "y", deadline: Self.far, now: .seconds(1)))
    #expect(slow != nil && quick != nil)
    let first = limiter.next(now: .seconds(1))
    let second = limiter.next(now: .seconds(1))
    #expect(self.permit(first)?.api == "y" && second == nil)
    let wake = limiter.nextWake(now: .seconds(1))
    #expect(wake == .seconds(10))
    let third = self.permit(limiter.next(now: .seconds(10)))
    #expect(third?.api == "x")
    let next = ticket(limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .seconds(10)))
    #expect(next != nil && limiter.nextWake(now: .seconds(10)).map { $0 > .seconds(20) } == true)
  }

  @Test func permitsThatWereNotUsedMakeRoom() {
    var limiter = CallLimiter(
      policy: RatePolicy(startCallsPerSecond: 1_000_000), concurrency: AdaptiveConcurrency(maximum: 1))
    guard case .granted(let permit) = limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .zero) else {
      return #expect(Bool(false))
    }
    let waiting = ticket(limiter.enter(publisher: "a", api: "x", deadline: Self.far, now: .seconds(1)))
    #expect(waiting != nil)
    limiter.abandoned(permit, now: .seconds(1))
    let served = self.permit(limiter.next(now: .seconds(1)))
    #expect(served != nil)
  }

  // MARK: Lanes

  private static let onePerSecond = RatePolicy(startCallsPerSecond: 1, probes: false)

  /// Which lanes get the next permits, one each second.
  private static func served(_ limiter: inout CallLimiter, _ lanes: [WaitingTicket: Int], seconds: Int) -> [Int] {
    (1...seconds).flatMap { second in
      var served: [Int] = []
      while case .granted(let ticket, let permit)? = limiter.next(now: .seconds(second)) {
        served.append(lanes[ticket] ?? -1)
        limiter.abandoned(permit, now: .seconds(second))
      }
      return served
    }
  }

  @Test func theSpareLaneGetsWhatOthersLeaveAndALittle() {
    var limiter = CallLimiter(policy: Self.onePerSecond, hasSpareLane: true)
    #expect(limiter.spareLane == 1)
    var lanes: [WaitingTicket: Int] = [:]
    for index in 0..<60 {
      let lane = index % 2
      let entry = limiter.enter(publisher: "p\(lane)", api: "a", lane: lane, deadline: .seconds(1_000), now: .zero)
      if case .waiting(let ticket) = entry { lanes[ticket] = lane }
    }
    let order = Self.served(&limiter, lanes, seconds: 60)
    #expect(order.count == 59, "the first permit was there at once")
    #expect(order.prefix(29).count { $0 == 1 } == 1, "one in twenty")
    #expect(order.suffix(28).allSatisfy { $0 == 1 })
  }

  @Test func aProbeIsAloneAlsoWithSeveralLanes() {
    var limiter = CallLimiter(policy: RatePolicy(startCallsPerSecond: 1_000), lanes: [1, 1])
    limiter.isProbing = true
    let first = limiter.enter(publisher: "p", api: "a", lane: 0, deadline: .seconds(9), now: .zero)
    let second = limiter.enter(publisher: "p", api: "a", lane: 1, deadline: .seconds(9), now: .seconds(1))
    guard case .granted(let permit) = first, case .waiting(let ticket) = second else {
      Issue.record("\(first), \(second)")
      return
    }
    let none = limiter.next(now: .seconds(2))
    #expect(none == nil && limiter.nextWake(now: .seconds(2)) == .seconds(9))
    limiter.ended(permit, now: .seconds(3))
    guard case .granted(ticket, _)? = limiter.next(now: .seconds(3)) else {
      Issue.record("the second lane gets its turn")
      return
    }
  }

  // MARK: Other settings

  @Test func aLimitThatIsConfiguredAnewHoldsAtOnce() {
    var limiter = CallLimiter(policy: RatePolicy(limits: [RateLimit(calls: 1, window: .seconds(10))]))
    limiter.follow(
      RatePolicy(limits: [RateLimit(calls: 100, window: .seconds(10))]), maximumConcurrency: 5, weights: [:], now: .zero
    )
    #expect(limiter.rate.pace.callsPerSecond > 9 && limiter.concurrency.limit == 5)
    limiter.follow(
      RatePolicy(limits: [RateLimit(calls: 10, window: .seconds(10))]), maximumConcurrency: .max, weights: [:],
      now: .zero)
    #expect(limiter.rate.pace.callsPerSecond < 1 && limiter.concurrency.limit == .max)
  }

  @Test func whoWaitsForASlowRateIsServedByAFasterOne() {
    var limiter = CallLimiter(policy: RatePolicy(limits: [RateLimit(calls: 1, window: .seconds(3_600))]))
    _ = limiter.enter(publisher: "p", api: "a", deadline: .seconds(9_000), now: .zero)
    let entry = limiter.enter(publisher: "p", api: "a", deadline: .seconds(9_000), now: .zero)
    let none = limiter.next(now: .seconds(60))
    #expect(none == nil)
    limiter.follow(
      RatePolicy(limits: [RateLimit(calls: 100, window: .seconds(10))]), maximumConcurrency: .max, weights: [:],
      now: .seconds(60))
    guard case .waiting(let ticket) = entry, case .granted(ticket, _)? = limiter.next(now: .seconds(61)) else {
      Issue.record("it waits on")
      return
    }
  }

  @Test func whatWasLearntIsKeptBelowWhatIsConfigured() {
    var limiter = CallLimiter(policy: RatePolicy())
    let entry = limiter.enter(publisher: "p", api: "a", deadline: .seconds(9), now: .zero)
    guard case .granted(let permit) = entry else {
      Issue.record("\(entry)")
      return
    }
    let notice = ThrottleNotice(kind: .rate, limit: 30, window: .seconds(10))
    _ = limiter.refused(permit, notice, now: .seconds(1))
    let learnt = limiter.rate.pace
    limiter.follow(
      RatePolicy(limits: [RateLimit(calls: 500, window: .seconds(10))]), maximumConcurrency: .max, weights: [:],
      now: .seconds(2))
    #expect(limiter.rate.pace.interval == learnt.interval && limiter.pausedUntil == .seconds(11))
    limiter.follow(
      RatePolicy(limits: [RateLimit(calls: 5, window: .seconds(10))]), maximumConcurrency: .max, weights: [:],
      now: .seconds(2))
    #expect(limiter.rate.pace.callsPerSecond < 0.5)
  }
}
