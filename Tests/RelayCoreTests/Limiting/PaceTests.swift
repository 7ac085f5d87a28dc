import RelayCore
import Testing

struct PaceTests {
  /// However late a call was, and with jitter in the network of twice the tolerance, no window holds more than
  /// the limit.
  @Test(arguments: [(1, 1_000), (5, 5_000), (30, 10_000), (100, 60_000), (200, 1_000), (6_000, 60_000)])
  func noWindowExceedsTheLimit(calls: Int, milliseconds: Int) {
    let window = Duration.milliseconds(milliseconds)
    let pace = Pace(RateLimit(calls: calls, window: window), share: 0.97)
    // The first is late by the tolerance, the last is early by it: the densest that the supply allows.
    let span = pace.interval * calls - pace.tolerance
    #expect(span - pace.tolerance * 1.9 > window)
    #expect(pace.callsPerSecond >= 0.96 * Double(calls) / (window / .seconds(1)))
  }

  @Test func ofSeveralWindowsTheStrictestCounts() {
    let perSecond = Pace(RateLimit(calls: 5, window: .seconds(1)), share: 1)
    let perMinute = Pace(RateLimit(calls: 100, window: .seconds(60)), share: 1)
    #expect(perSecond.stricter(perMinute).interval == .milliseconds(600))
    #expect(perMinute.stricter(perSecond) == perSecond.stricter(perMinute))
    #expect(Pace.unbounded.stricter(perSecond) == perSecond)
    #expect(perSecond.stricter(.unbounded) == perSecond)
  }

  @Test func aSupplyKeepsThePace() {
    var supply = PacedSupply(pace: Pace(interval: .seconds(1), tolerance: .milliseconds(300)))
    var taken = supply.take(now: .zero)
    #expect(taken)
    taken = supply.take(now: .milliseconds(699))
    #expect(!taken)
    #expect(supply.earliest == .milliseconds(700))
    taken = supply.take(now: .milliseconds(1_200))
    #expect(taken)
    #expect(supply.due == .milliseconds(2_200), "idle time is not saved up")
    supply.hold(until: .seconds(10))
    #expect(supply.earliest == .seconds(10))
    taken = supply.take(now: .milliseconds(9_999))
    #expect(!taken)
  }

  @Test func aLateCallIsMadeUpForWithinTheTolerance() {
    var supply = PacedSupply(pace: Pace(interval: .milliseconds(100), tolerance: .milliseconds(50)))
    var now = Duration.zero
    var calls = 0
    while now < .seconds(60) {
      if supply.take(now: now) { calls += 1 }
      now += .milliseconds(7)
    }
    #expect((599...601).contains(calls), "a timer of 7 ms costs nothing of 100 ms apart")
  }
}
