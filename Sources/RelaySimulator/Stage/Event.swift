/// Something that happens at a time. Numbers name entries of the stage's tables: requests, messages, connections,
/// deliveries, publications, calls, logins, relays.
enum Event {
  // Broker.
  case requestArrives(Int)
  case retryEnds(message: Int)

  // Relay to broker.
  case consumeAsked(connection: Int, prefetch: Int)
  case cancelAsked(connection: Int)
  case closed(connection: Int)
  case settled(connection: Int, tag: Int, delivery: Int, Settlement)
  case published(connection: Int, publication: Int)
  case brokerNoticesLoss(connection: Int)

  // Broker to relay.
  case consuming(connection: Int)
  case cancelled(connection: Int)
  case delivered(delivery: Int)
  case publishSettled(connection: Int, publication: Int, PublishResult)
  case blockedChanged(connection: Int, isBlocked: Bool)
  case confirmOverdue(connection: Int, publication: Int)
  case relayNoticesLoss(connection: Int)

  // Inside a relay.
  case relayStarts(Int)
  case connects(relay: Int, incarnation: Int, Connection.Role)
  case gateTimer(relay: Int, incarnation: Int, serial: Int)
  case tokenTimer(relay: Int, incarnation: Int, serial: Int)
  case shutdownTimer(relay: Int, incarnation: Int)
  case pauseTimer(relay: Int, incarnation: Int)
  case permitArrives(delivery: Int)
  case refusalPauseEnds(delivery: Int, copy: UInt8)

  // OCR service and IAM.
  case callArrives(Int)
  case callEnds(Int)
  case loginArrives(Int)
  case loginEnds(Int)

  // Trouble.
  case faultBegins(Int)
  case faultEnds(Int)
}

/// How a relay settles a delivery.
enum Settlement: UInt8 {
  case ack, giveBack
}

/// What the broker says about a publish.
enum PublishResult: UInt8 {
  case confirmed, returned, refused
}
