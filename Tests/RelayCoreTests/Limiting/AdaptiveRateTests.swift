import RelayCore
import Testing

struct AdaptiveRateTests {
  private static let stated = ThrottleNotice(kind: .rate, limit: 100, window: .seconds(60), policy: "user")
  private static let silent = ThrottleNotice(kind: .rate)

  /// A rate in each phase, at the time of 1,000 s, with 500 answered calls.
  private func rate(_ phase: AdaptiveRate.Phase) -> AdaptiveRate {
    var rate = AdaptiveRate(policy: RatePolicy(), now: .seconds(100))
    guard phase != .searching else { return rate }
    _ = rate.refused(Self.stated, callBegan: .seconds(100), answered: 100, now: .seconds(100))
    guard phase == .probing else { return rate }
    let began = rate.advance(answered: 500, isWanted: true, now: .seconds(1_000))
    #expect(began)
    return rate
  }

  struct Row: Sendable {
    var phase: AdaptiveRate.Phase
    var event: Event
    var verdict: AdaptiveRate.Verdict?
    var changes: Bool
    var next: AdaptiveRate.Phase
    var pause: Duration?
  }

  enum Event: Sendable {
    case statedRefusal, otherRefusal, silentRefusal, retryAfter, lateRefusal
    case growth(answered: Int, seconds: Int, wanted: Bool)
  }

  @Test(arguments: [
    Row(phase: .searching, event: .statedRefusal, verdict: .cut, changes: true, next: .steady, pause: .seconds(60)),
    Row(phase: .searching, event: .otherRefusal, verdict: .cut, changes: true, next: .steady, pause: .seconds(10)),
    Row(phase: .searching, event: .silentRefusal, verdict: .cut, changes: true, next: .steady, pause: .seconds(3)),
    Row(phase: .searching, event: .retryAfter, verdict: .cut, changes: true, next: .steady, pause: .seconds(90)),
    Row(phase: .searching, event: .lateRefusal, verdict: .late, changes: true, next: .searching, pause: .zero),
    Row(
      phase: .searching, event: .growth(answered: 600, seconds: 9_000, wanted: true), changes: true, next: .searching),
    Row(
      phase: .searching, event: .growth(answered: 600, seconds: 1_001, wanted: false), changes: false, next: .searching),
    Row(phase: .steady, event: .statedRefusal, verdict: .cut, changes: true, next: .steady, pause: .seconds(60)),
    Row(phase: .steady, event: .otherRefusal, verdict: .cut, changes: true, next: .steady, pause: .seconds(10)),
    Row(phase: .steady, event: .silentRefusal, verdict: .cut, changes: true, next: .steady, pause: .seconds(60)),
    Row(phase: .steady, event: .retryAfter, verdict: .cut, changes: true, next: .steady, pause: .seconds(90)),
    Row(phase: .steady, event: .lateRefusal, verdict: .late, changes: true, next: .steady, pause: .seconds(60)),
    Row(phase: .steady, event: .growth(answered: 600, seconds: 1_001, wanted: true), changes: true, next: .probing),
    Row(phase: .steady, event: .growth(answered: 600, seconds: 1_001, wanted: false), changes: false, next: .steady),
    Row(phase: .steady, event: .growth(answered: 600, seconds: 399, wanted: true), changes: false, next: .steady),
    Row(phase: .steady, event: .growth(answered: 194, seconds: 1_001, wanted: true), changes: false, next: .steady),
    Row(
      phase: .probing, event: .statedRefusal, verdict: .probeRefused, changes: true, next: .steady,
      pause: .milliseconds(2_165)),
    Row(phase: .probing, event: .otherRefusal, verdict: .cut, changes: true, next: .steady, pause: .seconds(10)),
    Row(
      phase: .probing, event: .silentRefusal, verdict: .probeRefused, changes: true, next: .steady,
      pause: .milliseconds(2_165)),
    Row(phase: .probing, event: .retryAfter, verdict: .probeRefused, changes: true, next: .steady, pause: .seconds(90)),
    Row(phase: .probing, event: .lateRefusal, verdict: .late, changes: true, next: .probing, pause: .seconds(60)),
    Row(phase: .probing, event: .growth(answered: 701, seconds: 1_125, wanted: true), changes: false, next: .probing),
    Row(phase: .probing, event: .growth(answered: 701, seconds: 1_127, wanted: true), changes: true, next: .searching),
    Row(phase: .probing, event: .growth(answered: 700, seconds: 1_127, wanted: true), changes: false, next: .probing),
    Row(phase: .probing, event: .growth(answered: 560, seconds: 1_181, wanted: true), changes: true, next: .steady),
  ])
  func everyEventInEveryPhase(row: Row) {
    var rate = rate(row.phase)
    #expect(rate.phase == row.phase)
    let version = rate.version
    let now = Duration.seconds(1_000)
    var verdict: AdaptiveRate.Verdict?
    switch row.event {
    case .statedRefusal: verdict = rate.refused(Self.stated, callBegan: now, answered: 500, now: now)
    case .otherRefusal:
      let other = ThrottleNotice(kind: .rate, limit: 5, window: .seconds(10))
      verdict = rate.refused(other, callBegan: now, answered: 500, now: now)
      #expect(rate.limit == RateLimit(calls: 5, window: .seconds(10)))
    case .silentRefusal: verdict = rate.refused(Self.silent, callBegan: now, answered: 500, now: now)
    case .retryAfter:
      verdict = rate.refused(
        ThrottleNotice(kind: .rate, retryAfter: .seconds(90)), callBegan: now, answered: 500, now: now)
    case .lateRefusal: verdict = rate.refused(Self.stated, callBegan: .seconds(99), answered: 500, now: now)
    case .growth(let answered, let seconds, let wanted):
      let changed = rate.advance(answered: answered, isWanted: wanted, now: .seconds(seconds))
      #expect(changed == row.changes)
    }
    #expect(verdict == row.verdict)
    #expect(rate.phase == row.next)
    #expect((rate.version != version) == row.changes)
    if let pause = row.pause {
      let difference = rate.pausedUntil - now - pause
      #expect(difference > .milliseconds(-1) && difference < .milliseconds(1), "paused until \(rate.pausedUntil)")
    }
  }

  @Test func theNamedLimitIsUsedAlmostWholly() {
    var rate = rate(.steady)
    #expect(abs(rate.callsPerSecond - 0.97 * 100 / 60) < 1e-9)
    _ = rate.refused(Self.stated, callBegan: .seconds(200), answered: 200, now: .seconds(200))
    #expect(abs(rate.callsPerSecond - 0.8 * 0.97 * 100 / 60) < 1e-9, "somebody else uses the account")
    var steps = 0
    var now = Duration.seconds(260)
    while steps < 100, rate.callsPerSecond < 0.9699 * 100 / 60 {
      now += .seconds(60)
      if rate.advance(answered: 200, isWanted: true, now: now) { steps += 1 }
    }
    #expect(steps == 10, "and the share comes back within ten quiet windows")
  }

  @Test func aRaisedLimitIsSearchedFromThere() {
    var rate = rate(.probing)
    _ = rate.advance(answered: 710, isWanted: true, now: .seconds(1_130))
    #expect(rate.phase == .searching && rate.limit == nil)
    let before = rate.callsPerSecond
    #expect(before > 100.0 / 60)
    let grew = rate.advance(answered: 760, isWanted: true, now: .seconds(1_160))
    #expect(grew && rate.callsPerSecond > before && rate.callsPerSecond < 3 * before)
  }

  @Test func whatIsConfiguredIsNeverExceeded() {
    let policy = RatePolicy(limits: [RateLimit(calls: 60, window: .seconds(60))])
    var rate = AdaptiveRate(policy: policy)
    #expect(abs(rate.pace.callsPerSecond - 0.97) < 1e-9)
    let grew = rate.advance(answered: 10_000, isWanted: true, now: .seconds(100_000))
    #expect(!grew)
    _ = rate.refused(Self.stated, callBegan: .seconds(100_000), answered: 10_000, now: .seconds(100_000))
    #expect(abs(rate.pace.callsPerSecond - 0.97) < 1e-9, "the service allows more than the operator")
    let probes = rate.advance(answered: 99_999, isWanted: true, now: .seconds(200_000))
    #expect(!probes, "there is nothing to gain")
  }

  @Test func probesCanBeSwitchedOff() {
    var rate = AdaptiveRate(policy: RatePolicy(probes: false))
    _ = rate.refused(Self.stated, callBegan: .zero, answered: 0, now: .zero)
    let probes = rate.advance(answered: 1_000_000, isWanted: true, now: .seconds(1_000_000))
    #expect(!probes)
  }

  @Test func absurdLimitsAreNotBelieved() {
    var rate = AdaptiveRate(policy: RatePolicy())
    let absurd = ThrottleNotice(kind: .rate, limit: .max, window: .seconds(Int64.max / 2))
    _ = rate.refused(absurd, callBegan: .zero, answered: 0, now: .zero)
    #expect(rate.limit == nil && rate.pausedUntil == .seconds(3))
    let many = ThrottleNotice(kind: .rate, limit: .max, window: .seconds(1))
    _ = rate.refused(many, callBegan: .seconds(9), answered: 0, now: .seconds(9))
    #expect(rate.pace.interval >= .zero)
  }

  @Test(arguments: AdaptiveRate.Phase.allCases)
  func travelsAsNumbers(phase: AdaptiveRate.Phase) {
    let rate = rate(phase)
    var copy = AdaptiveRate(policy: RatePolicy())
    let isAdopted = copy.adopt(rate.numbers)
    #expect(isAdopted && copy.numbers == rate.numbers && copy.phase == phase && copy.limit == rate.limit)
  }

  @Test func brokenNumbersChangeNothing() {
    let seed = CheckRandom.seed("AdaptiveRate.adopt")
    var random = CheckRandom(seed: seed)
    let good = rate(.probing).numbers
    for _ in 0..<20_000 {
      var numbers = good
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let extremes = [Int.min, -1, 0, 1, 2, 3, 1 << 40, 1 << 60, .max, Int(random.next() >> 12)]
        numbers[Int.random(in: numbers.indices, using: &random)] = extremes.randomElement(using: &random) ?? 0
      }
      if Bool.random(using: &random), Bool.random(using: &random) { numbers.removeLast() }
      var copy = AdaptiveRate(policy: RatePolicy())
      let before = copy
      guard copy.adopt(numbers) else {
        #expect(copy == before, "seed \(seed)")
        continue
      }
      #expect(copy.pace.interval > .zero, "seed \(seed)")
      _ = copy.advance(answered: 1 << 50, isWanted: true, now: .seconds(1 << 40))
      _ = copy.refused(Self.stated, callBegan: .seconds(1 << 40), answered: 1 << 50, now: .seconds(1 << 40))
    }
  }
}
