/// A connection between a relay and the broker, with the state of its channel at the broker's end.
///
/// Bytes arrive in order. After `severedAt` none arrives any more, in either direction, though both ends may take long
/// to notice.
struct Connection {
  enum Role {
    case consume, publish
  }

  let relay: Int
  let incarnation: Int
  let role: Role
  var isOpenAtRelay = true
  var isOpenAtBroker = true
  var severedAt = Int.max
  var lastToBroker = 0
  var lastToRelay = 0

  // The broker's end.
  var isConsuming = false
  var prefetch = 0
  var unsettled = 0
  /// Deliveries by tag less one; nil when settled.
  var tags: [Int?] = []
  /// Publishes that wait for an alarm to end.
  var backlog: [Int] = []

  init(relay: Int, incarnation: Int, role: Role) {
    self.relay = relay
    self.incarnation = incarnation
    self.role = role
  }
}
