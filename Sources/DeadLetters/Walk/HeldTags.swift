internal import AMQP

/// Which deliveries are held: their tags follow each other, so a few ranges stand for any number of letters.
struct HeldTags {
  private var ranges: [ClosedRange<UInt64>] = []
  private var epoch: UInt32 = 0

  /// How many ranges it takes.
  var rangeCount: Int { ranges.count }

  /// The last one in the order in which they were added.
  var last: DeliveryID? { ranges.last.map { DeliveryID(epoch: epoch, tag: $0.upperBound) } }

  /// Adds a delivery of the one connection that a walk has; its tag is higher than those before.
  mutating func append(_ id: DeliveryID) {
    epoch = id.epoch
    if let last = ranges.last, last.upperBound < UInt64.max, last.upperBound + 1 == id.tag {
      ranges[ranges.count - 1] = last.lowerBound...id.tag
    } else {
      ranges.append(id.tag...id.tag)
    }
  }

  /// All of them, in the order in which they were added.
  var ids: some Sequence<DeliveryID> {
    ranges.lazy.joined().map { [epoch] in DeliveryID(epoch: epoch, tag: $0) }
  }
}
