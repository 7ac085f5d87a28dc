import RelayCore
import Testing

struct SlotSupplyTests {
  private func supply() -> SlotSupply {
    var supply = SlotSupply(tolerance: .milliseconds(50))
    supply.add(.init(first: .milliseconds(100), interval: .milliseconds(100), count: 3))
    supply.add(.init(first: .milliseconds(1_000), interval: .milliseconds(10), count: 2))
    return supply
  }

  @Test func slotsAreUsedAtTheirTime() {
    var supply = supply()
    let times = [99, 100, 150, 200, 350, 351, 999, 1_005, 1_006, 1_012]
    let taken = times.map { supply.take(now: .milliseconds($0)) }
    #expect(taken == [false, true, false, true, true, false, false, true, false, true])
    #expect(supply.count == 0 && supply.lost == 0)
  }

  @Test func lateSlotsAreLost() {
    var supply = supply()
    let taken = [251, 251, 2_000].map { supply.take(now: .milliseconds($0)) }
    #expect(taken == [false, false, false])
    #expect(supply.lost == 5 && supply.count == 0 && supply.earliest == nil)
  }

  @Test func slotsCanBeGivenUp() {
    var supply = supply()
    let taken = supply.take(now: .milliseconds(120))
    #expect(taken)
    let left = supply.removeAll()
    #expect(left.map(\.count) == [2, 2])
    #expect(left.first?.first == .milliseconds(200))
    #expect(supply.count == 0)
  }

  @Test func slotsWithoutAnIntervalAreThereAtOnce() {
    var supply = SlotSupply()
    supply.add(.init(first: .zero, interval: .zero, count: 2))
    let taken = (0..<3).map { _ in supply.take(now: .zero) }
    #expect(taken == [true, true, false])
    supply.add(.init(first: .zero, interval: .zero, count: 2))
    let late = supply.take(now: .seconds(1))
    #expect(!late && supply.lost == 2)
  }
}
