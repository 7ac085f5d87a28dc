/// What the number of earlier deliveries tells about a message: pure rules around the broker's limit for them.
///
/// The broker ends a message that came back too often, because it may kill every process that takes it. It cannot tell why
/// a message came back: because its process died, because a connection was lost, or because a relay gave it back for a
/// pause. So relays give a message back only while it is far from the limit; what is beyond is left to deaths and losses.
public enum DeliveryWear: Sendable, Equatable {
  /// It may be given back.
  case fresh
  /// It is not given back any more: a copy takes its place, which counts as never delivered.
  case worn
  /// The limit ends it after this delivery or the next.
  case nearlyPoison

  /// Judges a message that the broker delivered `earlierDeliveries` times before; nil when it does not tell.
  public init(earlierDeliveries: Int64?, limit: Int64) {
    let count = earlierDeliveries ?? 0
    self = count >= limit - 1 ? .nearlyPoison : count >= limit / 2 ? .worn : .fresh
  }
}
