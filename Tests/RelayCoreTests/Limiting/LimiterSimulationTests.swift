import RelayCore
import Testing

/// The limiter against services that really refuse.
struct LimiterSimulationTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    var kind: ModelService.Window
    var calls: Int
    var seconds: Int
    var testDescription: String { "\(kind) \(calls)/\(seconds)s" }
  }

  static let samples = ModelService.Window.allCases.flatMap { kind in
    [(30, 10), (20, 60), (100, 1), (10, 1)].map { Sample(kind: kind, calls: $0.0, seconds: $0.1) }
  }

  /// Without probes: after the first refusals, no window above the limit, whatever its alignment, refused calls counted.
  @Test(arguments: samples)
  func noWindowAboveTheLimitAfterLearning(sample: Sample) {
    let seed = CheckRandom.seed("limiter \(sample.testDescription)")
    let limit = RateLimit(calls: sample.calls, window: .seconds(sample.seconds))
    let service = ModelService(sample.kind, limit, alignment: .milliseconds(Int(seed % 60_000)))
    var run = LimiterRun(service, policy: RatePolicy(probes: false), seed: seed)
    run.run(until: limit.window * 40)
    let learnt = max(limit.window * 4, .seconds(12))
    #expect(run.service.mostCallsInAWindow(from: learnt) <= sample.calls, "seed \(seed)")
    #expect(run.service.calls(from: learnt, to: run.now, isRefused: true) == 0, "seed \(seed)")
    let allowed = limit.callsPerSecond * ((run.now - learnt) / .seconds(1))
    let used = Double(run.service.calls(from: learnt, to: run.now)) / allowed
    #expect(used >= 0.95, "seed \(seed): \(used)")
  }

  /// With probes: less than 1 % refused, no window more than a probe above the limit, still 95 % used.
  @Test(arguments: samples)
  func probesCostLittle(sample: Sample) {
    let seed = CheckRandom.seed("limiter with probes \(sample.testDescription)")
    let limit = RateLimit(calls: sample.calls, window: .seconds(sample.seconds))
    var run = LimiterRun(ModelService(sample.kind, limit), seed: seed)
    run.run(until: limit.window * 100)
    let learnt = limit.window * 4
    let calls = run.service.calls(from: learnt, to: run.now)
    let refused = run.service.calls(from: learnt, to: run.now, isRefused: true)
    #expect(Double(refused) <= 0.01 * Double(calls) + 1, "seed \(seed): \(refused) of \(calls)")
    let used = Double(calls - refused) / Double(sample.calls * 96)
    // A short window leaves more to the network's jitter.
    #expect(used >= (sample.seconds > 1 ? 0.95 : 0.92), "seed \(seed): \(used)")
    let most = run.service.mostCallsInAWindow(from: learnt)
    // A bucket that is full swallows the probe and its growth; there is no window then.
    guard sample.kind != .bucket else { return }
    #expect(Double(most) <= Double(sample.calls) * 1.06 + 2, "seed \(seed): \(most)")
  }

  /// Refusals that name no limit: the rate settles near it all the same.
  @Test(arguments: [ModelService.Telling.retryAfter, .nothing], [(30, 10), (50, 1)])
  func unnamedLimitsAreFound(telling: ModelService.Telling, limit: (calls: Int, seconds: Int)) {
    let seed = CheckRandom.seed("limiter without names")
    let limit = RateLimit(calls: limit.calls, window: .seconds(limit.seconds))
    var run = LimiterRun(ModelService(.sliding, limit, telling: telling), seed: seed)
    run.run(until: .seconds(2_000))
    let calls = run.service.calls(from: .seconds(500), to: run.now)
    let refused = run.service.calls(from: .seconds(500), to: run.now, isRefused: true)
    let used = Double(calls - refused) / (limit.callsPerSecond * 1_500)
    #expect(used >= 0.6, "seed \(seed): \(used)")
    #expect(Double(refused) <= 0.03 * Double(calls), "seed \(seed): \(refused) of \(calls)")
  }

  @Test(arguments: ModelService.Window.allCases)
  func aChangedLimitIsFollowed(kind: ModelService.Window) {
    let seed = CheckRandom.seed("limiter with changes")
    let minute = Duration.seconds(60)
    var run = LimiterRun(ModelService(kind, RateLimit(calls: 100, window: minute)), seed: seed)
    run.run(until: minute * 10)
    run.service.limit = RateLimit(calls: 20, window: minute)
    run.run(until: minute * 25)
    // One window of refusals and pause, then within the limit, probes aside.
    #expect(run.service.calls(from: minute * 10, to: minute * 11, isRefused: true) <= 8, "seed \(seed)")
    if kind != .bucket {
      #expect(run.service.mostCallsInAWindow(from: minute * 11, to: minute * 25) <= 22, "seed \(seed)")
    }
    let low = run.service.calls(from: minute * 12, to: minute * 25, isRefused: false)
    #expect(low >= 13 * 19, "seed \(seed): \(low)")
    run.service.limit = RateLimit(calls: 100, window: minute)
    run.run(until: minute * 45)
    let high = run.service.calls(from: minute * 35, to: minute * 45, isRefused: false)
    #expect(high >= 900, "seed \(seed): \(high)")
  }

  /// Another program takes half of the account's budget: the relay gives way and does not storm.
  @Test func othersOnTheAccountAreLivedWith() {
    let seed = CheckRandom.seed("limiter with a stranger")
    var run = LimiterRun(ModelService(.sliding, RateLimit(calls: 100, window: .seconds(60))), seed: seed)
    for step in 1...4_000 {
      run.run(until: .milliseconds(1_200) * step)
      _ = run.service.call(at: run.now)
    }
    let mine = run.limiter.permits
    #expect(mine > 2_000, "seed \(seed): \(mine)")
    #expect(run.limiter.refusals < mine / 20, "seed \(seed): \(run.limiter.refusals) of \(mine)")
  }
}
