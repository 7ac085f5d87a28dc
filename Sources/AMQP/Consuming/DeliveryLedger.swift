/// Which deliveries of one connection are unsettled, and which acknowledgements are due: pure bookkeeping.
///
/// Acknowledgements of a turn are merged: everything up to the first unsettled delivery goes as one `multiple`, the
/// rest one by one. A `multiple` names a tag that is itself still unacknowledged; naming one that was acknowledged
/// before would make the broker close the channel.
struct DeliveryLedger {
  private enum Mark: UInt8 {
    case outstanding
    /// Settled by an acknowledgement that is not sent yet.
    case ackDue
    /// The broker was told.
    case told
  }

  private var marks = SequenceRing<Mark>()
  private var dueOutOfOrder: [UInt64] = []
  private var hasDue = false
  /// Deliveries that are not settled.
  private(set) var outstanding = 0

  /// Notes a new delivery. False when the tag does not follow its predecessor, which breaks the protocol.
  mutating func deliver(_ tag: UInt64) -> Bool {
    guard tag == marks.nextSequence else { return false }
    marks.append(.outstanding)
    outstanding += 1
    return true
  }

  /// Settles a delivery by acknowledgement. False when it is not outstanding.
  mutating func ack(_ tag: UInt64) -> Bool {
    guard marks[tag] == .outstanding else { return false }
    marks[tag] = .ackDue
    outstanding -= 1
    hasDue = true
    if tag != marks.firstSequence { dueOutOfOrder.append(tag) }
    return true
  }

  /// Settles a delivery by a rejection or return that the caller sends now. False when it is not outstanding.
  mutating func settleAtOnce(_ tag: UInt64) -> Bool {
    guard marks[tag] == .outstanding else { return false }
    marks[tag] = .told
    outstanding -= 1
    hasDue = true
    return true
  }

  /// Hands out the acknowledgements that are due.
  mutating func flush(_ send: (_ tag: UInt64, _ multiple: Bool) -> Void) {
    guard hasDue else { return }
    hasDue = false
    flushPrefix(send)
    for tag in dueOutOfOrder where marks[tag] == .ackDue {
      marks[tag] = .told
      send(tag, false)
    }
    dueOutOfOrder.removeAll(keepingCapacity: true)
  }

  private mutating func flushPrefix(_ send: (_ tag: UInt64, _ multiple: Bool) -> Void) {
    var last: UInt64?
    var count = 0
    while let mark = marks.first, mark != .outstanding {
      if mark == .ackDue {
        last = marks.firstSequence
        count += 1
      }
      marks.removeFirst()
    }
    if let last { send(last, count > 1) }
  }
}
