import RelayCore
import Testing

struct RetryBudgetTests {
  private static func budget(percent: Int = 20, floor: Int = 0) -> RetryBudget {
    RetryBudget(policy: .init(percent: percent, floor: floor, window: .seconds(60)))
  }

  private static func retries(_ budget: inout RetryBudget, _ count: Int, at now: Duration) -> Int {
    (0..<count).filter { _ in budget.noteRetry(now: now) }.count
  }

  @Test func retriesAreAShareOfTheCalls() {
    var budget = Self.budget()
    for _ in 0..<100 { budget.noteCall(now: .seconds(1)) }
    #expect(Self.retries(&budget, 50, at: .seconds(2)) == 20)
  }

  @Test func aFewAreAlwaysInOrder() {
    var budget = Self.budget(floor: 3)
    #expect(Self.retries(&budget, 10, at: .zero) == 3)
    var none = Self.budget(percent: 0, floor: 0)
    none.noteCall(now: .zero)
    #expect(Self.retries(&none, 10, at: .zero) == 0)
    var all = Self.budget(percent: 100)
    for _ in 0..<10 { all.noteCall(now: .zero) }
    #expect(Self.retries(&all, 10, at: .zero) == 10)
  }

  /// Parts of milliseconds count as a whole one.
  @Test func aPartOfTheWindowEndsOnTime() {
    var budget = Self.budget()
    for _ in 0..<10 { budget.noteCall(now: .zero) }
    #expect(Self.retries(&budget, 1, at: .milliseconds(59_999)) == 1)
    var later = budget
    #expect(Self.retries(&later, 1, at: .milliseconds(59_999)) == 1)
    #expect(Self.retries(&budget, 1, at: .nanoseconds(59_999_000_001)) == 0, "the calls are a window old")
  }

  @Test func onlyTheWindowCounts() {
    var budget = Self.budget()
    for second in 0..<60 {
      for _ in 0..<10 { budget.noteCall(now: .seconds(second)) }
    }
    #expect(Self.retries(&budget, 200, at: .milliseconds(59_999)) == 120)
    #expect(Self.retries(&budget, 1, at: .seconds(200)) == 0, "calls of long ago allow nothing")
    for _ in 0..<10 { budget.noteCall(now: .seconds(300)) }
    #expect(Self.retries(&budget, 9, at: .seconds(300)) == 2, "retries of long ago cost nothing")
  }

  /// Whatever is called for and when: within a window the permitted retries keep their share.
  @Test func randomTrafficKeepsTheShare() {
    let seed = CheckRandom.seed("RetryBudget")
    var random = CheckRandom(seed: seed)
    var budget = Self.budget(floor: 5)
    var now = Duration.zero
    var calls: [Duration] = []
    var retries: [Duration] = []
    for _ in 0..<20_000 {
      now += .milliseconds(Int.random(in: 0...100, using: &random))
      if Int.random(in: 0..<3, using: &random) > 0 {
        budget.noteCall(now: now)
        calls.append(now)
      } else if budget.noteRetry(now: now) {
        retries.append(now)
      }
      // The window moves in steps of a sixth, so between five and six sixths of it are sure to be looked at.
      let recent = retries.suffix(200).filter { $0 > now - .seconds(50) }.count
      let allowed = max(5, calls.suffix(2_000).filter { $0 > now - .seconds(110) }.count / 5)
      #expect(recent <= allowed, "seed \(seed)")
    }
    #expect(retries.count > 100, "seed \(seed)")
  }
}
