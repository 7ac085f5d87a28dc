import RelayCore
import Testing

/// Several processes under one limit.
struct FleetTests {
  private static let limit = RateLimit(calls: 30, window: .seconds(10))
  private static let quiet = RatePolicy(probes: false)

  private func used(_ run: FleetRun, from start: Int, to end: Int) -> Double {
    let calls = run.service.calls(from: .seconds(start), to: .seconds(end), isRefused: false)
    return Double(calls) / (run.service.limit.callsPerSecond * Double(end - start))
  }

  @Test(arguments: [1, 2, 8, 40], [ModelService.Window.sliding, .fixed, .slidingCountingRefused])
  func theLimitHoldsOverAllProcesses(count: Int, kind: ModelService.Window) {
    let seed = CheckRandom.seed("fleet of \(count)")
    var run = FleetRun(ModelService(kind, Self.limit, alignment: .milliseconds(Int(seed % 9_999))), seed: seed)
    run.add(count, policy: Self.quiet)
    run.run(until: .seconds(300))
    #expect(run.service.mostCallsInAWindow(from: .seconds(40)) <= 30, "seed \(seed)")
    #expect(run.service.calls(from: .seconds(40), to: run.now, isRefused: true) == 0, "seed \(seed)")
    #expect(used(run, from: 40, to: 300) >= 0.95, "seed \(seed): \(used(run, from: 40, to: 300))")
  }

  @Test func theRefusalsOfTheFirstSecondsAreFew() {
    let seed = CheckRandom.seed("fleet that learns")
    var run = FleetRun(ModelService(.slidingCountingRefused, Self.limit), seed: seed)
    run.add(8, policy: RatePolicy())
    run.run(until: .seconds(1_000))
    let calls = run.service.ledger.count
    #expect(run.service.refused <= calls / 100, "seed \(seed): \(run.service.refused) of \(calls)")
  }

  /// The keeper is away: everyone keeps to a share of its own; all together stay below the limit, also while they return.
  @Test(arguments: [2, 8])
  func aKeeperThatIsAwayBreaksNoLimit(count: Int) {
    let seed = CheckRandom.seed("fleet without keeper")
    var run = FleetRun(ModelService(.sliding, Self.limit), seed: seed)
    run.add(count, policy: Self.quiet)
    run.run(until: .seconds(60))
    run.isKeeperAway = true
    run.run(until: .seconds(90))
    run.isKeeperAway = false
    run.run(until: .seconds(150))
    #expect(run.service.mostCallsInAWindow(from: .seconds(40)) <= 30, "seed \(seed)")
    #expect(used(run, from: 65, to: 90) >= 0.6, "seed \(seed): \(used(run, from: 65, to: 90))")
    #expect(used(run, from: 100, to: 150) >= 0.93, "seed \(seed): \(used(run, from: 100, to: 150))")
  }

  @Test func aKeeperThatForgotIsToldAgain() {
    let seed = CheckRandom.seed("fleet with a flushed keeper")
    var run = FleetRun(ModelService(.sliding, Self.limit), seed: seed)
    run.add(8, policy: Self.quiet)
    for step in 2...20 {
      run.run(until: .seconds(30 * step))
      run.keeper = FleetLedger()
    }
    run.run(until: .seconds(660))
    #expect(run.service.mostCallsInAWindow(from: .seconds(40)) <= 31, "seed \(seed)")
    #expect(used(run, from: 40, to: 660) >= 0.9, "seed \(seed): \(used(run, from: 40, to: 660))")
  }

  @Test(arguments: [-3_600, 3_600])
  func aClockThatStepsStopsNobody(step: Int) {
    let seed = CheckRandom.seed("fleet with a stepping clock")
    var run = FleetRun(ModelService(.sliding, Self.limit), seed: seed)
    run.clockError = .seconds(1_000_000)
    run.add(8, policy: Self.quiet)
    run.run(until: .seconds(60))
    run.clockError += .seconds(step)
    run.run(until: .seconds(120))
    #expect(run.service.mostCallsInAWindow(from: .seconds(40)) <= 31, "seed \(seed)")
    #expect(used(run, from: 60, to: 120) >= 0.8, "seed \(seed): \(used(run, from: 60, to: 120))")
  }

  /// One process loses the keeper: the others leave it its share.
  @Test func aProcessThatIsCutOffIsLeftItsShare() {
    let seed = CheckRandom.seed("fleet with a lost process")
    var run = FleetRun(ModelService(.sliding, Self.limit), seed: seed)
    run.add(4, policy: Self.quiet)
    run.run(until: .seconds(60))
    run.processes[0].isCutOff = true
    run.run(until: .seconds(85))
    run.processes[0].isCutOff = false
    run.run(until: .seconds(150))
    #expect(run.service.mostCallsInAWindow(from: .seconds(40)) <= 31, "seed \(seed)")
    #expect(used(run, from: 100, to: 150) >= 0.93, "seed \(seed)")
  }

  @Test func processesComeAndGo() {
    let seed = CheckRandom.seed("fleet that grows and shrinks")
    var run = FleetRun(ModelService(.sliding, Self.limit), seed: seed)
    run.add(1, policy: Self.quiet)
    run.run(until: .seconds(60))
    run.add(7, policy: Self.quiet)
    run.run(until: .seconds(120))
    for index in 2..<8 { run.stop(index) }
    run.run(until: .seconds(240))
    #expect(run.service.mostCallsInAWindow(from: .seconds(40)) <= 30, "seed \(seed)")
    // Killed, not ended in order: for half a minute their share is left to them.
    #expect(used(run, from: 170, to: 240) >= 0.95, "seed \(seed): \(used(run, from: 170, to: 240))")
  }

  /// Timers never fire early, and a leased slot that a timer wakes for is always a little past.
  @Test func aLimitThatIsRaisedIsFoundWithTimersThatFireLate() {
    let seed = CheckRandom.seed("fleet with late timers")
    var run = FleetRun(ModelService(.sliding, RateLimit(calls: 20, window: .seconds(3))), seed: seed)
    run.lateness = .milliseconds(2)
    run.add(3, policy: RatePolicy())
    run.run(until: .seconds(20))
    run.service.limit = RateLimit(calls: 100, window: .seconds(3))
    run.run(until: .seconds(56))
    #expect(used(run, from: 50, to: 56) >= 0.8, "seed \(seed): \(used(run, from: 50, to: 56))")
  }

  /// A fifth of the limit, and all of it again: in the tenth window after that, and later, at least 95 % are used.
  @Test(arguments: [(100, 60), (100, 6)], [ModelService.Window.sliding, .fixed, .slidingCountingRefused])
  func aRaisedLimitIsUsedFromTheTenthWindowOn(limit: (calls: Int, seconds: Int), kind: ModelService.Window) {
    let seed = CheckRandom.seed("fleet whose limit is raised")
    let full = RateLimit(calls: limit.calls, window: .seconds(limit.seconds))
    var run = FleetRun(ModelService(kind, full), seed: seed)
    run.lateness = .milliseconds(2)
    run.add(8, policy: RatePolicy())
    run.run(until: full.window * 5)
    run.service.limit.calls = limit.calls / 5
    run.run(until: full.window * 10)
    run.service.limit.calls = limit.calls
    run.run(until: full.window * 22)
    let tenth = used(run, from: 19 * limit.seconds, to: 20 * limit.seconds)
    #expect(tenth >= 0.95, "seed \(seed): \(tenth) in the tenth window")
    let rest = used(run, from: 19 * limit.seconds, to: 22 * limit.seconds)
    #expect(rest >= 0.95, "seed \(seed): \(rest)")
  }

  /// The arithmetic of a large fleet: a thousand processes, a hundred thousand permits a second.
  @Test func aThousandProcessesShareAHundredThousandPermitsASecond() {
    let seed = CheckRandom.seed("fleet of a thousand")
    let limit = RateLimit(calls: 100_000, window: .seconds(1))
    var run = FleetRun(ModelService(.bucket, limit), seed: seed)
    run.prefetch = 20
    run.add(1_000, policy: RatePolicy(limits: [limit], probes: false))
    run.run(until: .milliseconds(200))
    let before = run.service.ledger.count
    run.run(until: .milliseconds(500))
    let rate = Double(run.service.ledger.count - before) / 0.3
    #expect(run.leases < run.service.ledger.count / 3, "seed \(seed): \(run.leases) leases")
    #expect(rate <= 100_000 && rate >= 90_000, "seed \(seed): \(rate)")
    #expect(run.service.refused == 0)
  }
}
