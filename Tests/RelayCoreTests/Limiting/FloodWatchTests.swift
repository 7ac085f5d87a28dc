import RelayCore
import Testing

struct FloodWatchTests {
  private static func seconds(_ seconds: Int) -> Duration { .seconds(seconds) }

  @Test func whoHasMoreThanAShareIsSetAsideForAWhile() {
    var watch = FloodWatch(capacity: 50)
    let early = watch.isFlooding("a", now: .zero)
    let fair = watch.isOverShare("a", requests: 12, publishers: 3, now: .zero)
    #expect(!early && !fair)
    let over = watch.isOverShare("a", requests: 13, publishers: 3, now: .zero)
    let flooding = watch.isFlooding("a", now: Self.seconds(9))
    let other = watch.isFlooding("b", now: .zero)
    #expect(over && flooding && !other)
    let past = watch.isFlooding("a", now: Self.seconds(10))
    #expect(!past)
  }

  @Test func aFloodThatGoesOnIsRemembered() {
    var watch = FloodWatch(capacity: 10)
    for second in stride(from: 0, to: 60, by: 5) {
      let isOver = watch.isOverShare("a", requests: 6, publishers: 1, now: Self.seconds(second))
      #expect(isOver)
    }
    let isFlooding = watch.isFlooding("a", now: Self.seconds(64))
    #expect(isFlooding)
  }

  @Test func aFewRequestsAreNoFlood() {
    var watch = FloodWatch(capacity: 10)
    let two = watch.isOverShare("a", requests: 2, publishers: 1_000, now: .zero)
    let three = watch.isOverShare("a", requests: 3, publishers: 1_000, now: .zero)
    #expect(!two && three)
  }

  @Test func withoutNamesNobodyIsInTheWay() {
    var watch = FloodWatch(capacity: 10)
    let unnamed = watch.isOverShare("", requests: 10, publishers: 1, now: .zero)
    _ = watch.isFlooding("a", now: .zero)
    let besideNamed = watch.isOverShare("", requests: 10, publishers: 2, now: .zero)
    #expect(!unnamed && besideNamed)
  }

  @Test func theMemoryIsBounded() {
    var watch = FloodWatch(capacity: 10)
    var set = 0
    for index in 0..<2_000 where watch.isOverShare("p\(index)", requests: 9, publishers: 1, now: .zero) { set += 1 }
    #expect(set == 1_024)
    let later = watch.isOverShare("late", requests: 9, publishers: 1, now: Self.seconds(11))
    #expect(later)
  }
}
