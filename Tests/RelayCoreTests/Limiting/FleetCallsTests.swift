import RelayCore
import Testing

/// Several processes under one bound for calls at once.
struct FleetCallsTests {
  private static let policy = RatePolicy(limits: [RateLimit(calls: 100_000, window: .seconds(1))], probes: false)

  private func run(_ count: Int, bound: Int, seed: UInt64) -> FleetRun {
    var run = FleetRun(ModelService(.bucket, RateLimit(calls: 1_000_000, window: .seconds(1))), seed: seed)
    run.callTime = 100_000...150_000
    run.add(count, policy: Self.policy, callsAtOnce: bound)
    return run
  }

  @Test(arguments: [(1, 5), (3, 10), (8, 8), (8, 20), (20, 64)])
  func theBoundHoldsAndIsUsed(count: Int, bound: Int) {
    let seed = CheckRandom.seed("calls at once of \(count)")
    var run = run(count, bound: bound, seed: seed)
    run.run(until: .seconds(5))
    #expect(run.mostAtOnce <= bound, "seed \(seed): \(run.mostAtOnce) at once")
    let before = run.service.ledger.count
    run.run(until: .seconds(10))
    // A call takes 250 ms on the average, there and back.
    let used = Double(run.service.ledger.count - before) * 0.25 / 5 / Double(bound)
    #expect(used >= 0.75, "seed \(seed): \(used)")
    #expect(run.mostAtOnce <= bound, "seed \(seed): \(run.mostAtOnce) at once")
    let shares = run.processes.map { Double($0.limiter.permits) }
    #expect((shares.min() ?? 0) >= 0.3 * (shares.max() ?? 0), "seed \(seed): \(shares)")
  }

  @Test func whoDiesOrIsSilentGivesItsPartBack() {
    let seed = CheckRandom.seed("calls at once with losses")
    var run = run(4, bound: 12, seed: seed)
    run.run(until: .seconds(5))
    run.stop(0)
    run.run(until: .seconds(20))
    let before = run.service.ledger.count
    run.run(until: .seconds(25))
    let used = Double(run.service.ledger.count - before) * 0.25 / 5 / 12
    #expect(used >= 0.75, "seed \(seed): \(used)")
    #expect(run.mostAtOnce <= 12, "seed \(seed): \(run.mostAtOnce) at once")
  }

  /// Without the keeper each keeps to its part of 80 %; when it comes back without its data, the bound still holds.
  @Test func aKeeperThatIsAwayBreaksNoBound() {
    let seed = CheckRandom.seed("calls at once without keeper")
    var run = run(4, bound: 20, seed: seed)
    run.run(until: .seconds(5))
    run.isKeeperAway = true
    run.run(until: .seconds(9))
    run.forgetMostAtOnce()
    run.run(until: .seconds(15))
    #expect(run.mostAtOnce <= 16, "seed \(seed): \(run.mostAtOnce) at once")
    run.keeper = FleetLedger()
    run.isKeeperAway = false
    run.run(until: .seconds(30))
    #expect(run.mostAtOnce <= 20, "seed \(seed): \(run.mostAtOnce) at once")
    let before = run.service.ledger.count
    run.run(until: .seconds(33))
    let used = Double(run.service.ledger.count - before) * 0.25 / 3 / 20
    #expect(used >= 0.75, "seed \(seed): \(used)")
  }

  /// The service takes fewer than the operator believes: the bound of all is cut, and found again from below.
  @Test func aRefusalCutsTheBoundOfAll() {
    let seed = CheckRandom.seed("calls at once that are refused")
    var run = run(4, bound: 40, seed: seed)
    run.allowedAtOnce = 15
    run.run(until: .seconds(30))
    let (calls, refused) = (run.service.ledger.count, run.refusedAtOnce)
    #expect(refused > 0)
    run.forgetMostAtOnce()
    run.run(until: .seconds(120))
    #expect(run.mostAtOnce <= 24, "seed \(seed): \(run.mostAtOnce) at once")
    let later = run.service.ledger.count - calls
    #expect(run.refusedAtOnce - refused <= later / 100, "seed \(seed): \(run.refusedAtOnce - refused) of \(later)")
    #expect(Double(later) * 0.25 / 90 / 15 >= 0.5, "seed \(seed): \(later)")
  }

  @Test func newsOfACutPauseWhoeverShares() {
    var limiter = CallLimiter(policy: Self.policy, concurrency: AdaptiveConcurrency(maximum: 10))
    limiter.join(FleetPolicy(maximumMembers: 2), now: .zero, jitter: 0)
    #expect(limiter.concurrency.bound == 4, "a part of 80 % until the keeper answers")
    limiter.heardOfCalls(pause: .seconds(3), now: .seconds(1))
    #expect(limiter.pausedUntil == .zero, "not yet one of them")
    _ = limiter.leaseRequest(now: .seconds(1))
    limiter.leased(
      LeaseAnswer(
        now: .seconds(1), version: 0, numbers: [], answered: 0, members: 2,
        slots: .init(first: .seconds(1), interval: .milliseconds(1), count: 0), rampLeft: .zero,
        calls: CallsAnswer(allotment: 3, limit: 10)), now: .seconds(1))
    #expect(limiter.concurrency.bound == 3)
    limiter.heardOfCalls(pause: .seconds(3), now: .seconds(1))
    #expect(limiter.pausedUntil == .seconds(4))
    #expect(limiter.leaseWake(now: .seconds(1)) == .seconds(1), "what was cut is asked for at once")
  }
}
