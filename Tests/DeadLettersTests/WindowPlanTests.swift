import Testing

@testable import DeadLetters

struct WindowPlanTests {
  @Test func beginsSmallAndGrowsForSmallLetters() {
    var plan = WindowPlan()
    var sizes: [Int] = []
    var remaining = 200_000
    while remaining > 0 {
      let credit = plan.next(remaining: remaining)
      sizes.append(credit)
      remaining -= credit
      for _ in 0..<credit { plan.add(bytes: 100) }
    }
    #expect(sizes == [64, 1_024, 16_384, 60_000, 60_000, 60_000, 2_528])
  }

  @Test func boundsTheBytesOfLargeLetters() {
    var plan = WindowPlan()
    #expect(plan.next(remaining: 10_000) == 64)
    for _ in 0..<64 { plan.add(bytes: 10 << 20) }
    #expect(plan.next(remaining: 10_000) == 6)
    for _ in 0..<6 { plan.add(bytes: 10 << 20) }
    #expect(plan.next(remaining: 2) == 2)
  }

  @Test func neverAsksForNothing() {
    var plan = WindowPlan()
    #expect(plan.next(remaining: 1) == 1)
    plan.add(bytes: 1 << 40)
    #expect(plan.next(remaining: 5) == 1)
  }
}
