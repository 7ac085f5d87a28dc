import AMQP
import Testing

@testable import DeadLetters

struct HeldTagsTests {
  @Test func takesOneRangeForAnyNumberOfLetters() {
    var held = HeldTags()
    #expect(held.last == nil && held.ids.first { _ in true } == nil)
    for tag in 1...100_000 { held.append(DeliveryID(epoch: 1, tag: UInt64(tag))) }
    #expect(held.rangeCount == 1)
    #expect(held.last == DeliveryID(epoch: 1, tag: 100_000))
    #expect(held.ids.map(\.tag) == Array(1...100_000))
  }

  @Test func leavesOutWhatWasNotAdded() {
    var held = HeldTags()
    let tags: [UInt64] = [3, 4, 7, 9, 10, UInt64.max]
    for tag in tags { held.append(DeliveryID(epoch: 2, tag: tag)) }
    #expect(held.rangeCount == 4)
    #expect(held.ids.map { $0 } == tags.map { DeliveryID(epoch: 2, tag: $0) })
  }
}
