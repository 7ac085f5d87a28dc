import RelayCore
import Testing

struct DeliveryWearTests {
  @Test(
    arguments: [
      (nil, .fresh), (-5, .fresh), (0, .fresh), (9, .fresh), (10, .worn), (18, .worn), (19, .nearlyPoison),
      (.max, .nearlyPoison),
    ] as [(Int64?, DeliveryWear)])
  func theNumberOfDeliveriesDecides(_ earlier: Int64?, _ wear: DeliveryWear) {
    #expect(DeliveryWear(earlierDeliveries: earlier, limit: 20) == wear)
  }

  /// However often relays pause, what they give back stays away from the limit.
  @Test(arguments: 4...100 as ClosedRange<Int64>)
  func whatIsGivenBackNeverReachesTheLimit(_ limit: Int64) {
    var earlier: Int64 = 0
    while DeliveryWear(earlierDeliveries: earlier, limit: limit) == .fresh { earlier += 1 }
    #expect(DeliveryWear(earlierDeliveries: earlier, limit: limit) == .worn)
    #expect(earlier <= limit / 2)
  }
}
