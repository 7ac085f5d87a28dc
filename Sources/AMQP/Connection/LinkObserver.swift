/// What takes part in a link: a consumer or a publisher. Called on the link's loop.
protocol LinkObserver: AnyObject {
  /// The connection is gone; nothing of its epoch can be settled or confirmed any more.
  func linkClosed(_ failure: ConnectionFailure)
  /// A message came for a consumer.
  func received(_ delivery: Delivery)
  /// The broker took or refused published messages.
  func confirmed(tag: UInt64, multiple: Bool, accepted: Bool)
  /// A mandatory message found no queue. Its confirm follows.
  func returned(_ reason: ReturnReason, messageID: String?)
  /// The broker stopped or resumed reading from this connection.
  func blockedChanged(_ isBlocked: Bool)
  /// The turn ends; what it gathered can be added to the output now.
  func beforeSending()
}
