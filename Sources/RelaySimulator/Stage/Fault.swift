/// A piece of trouble: what, when, for how long, to which relay.
struct Fault {
  var kind: Kind
  /// When it begins, in milliseconds of the run.
  var start: Int
  /// How long it lasts, in milliseconds.
  var length: Int
  /// The relay that it strikes, where it strikes one.
  var relay: Int

  /// The kinds of trouble.
  enum Kind: Int, CaseIterable {
    // A relay.
    case relayKilled, relayKilledAtStep, relayTerminated, relayFrozen
    // The way to the broker.
    case consumerCut, publisherCut, bothCut, consumerHalfOpen, publisherHalfOpen
    // The broker.
    case brokerKilled, alarm, confirmsLost, replyQueueGone, repliesRefused, copiesRefused, copiesReturned
    case retryDoubled
    // The OCR service.
    case outage, failing, throttled, throttledForAll, hanging, answersLost, credentialFails, oddFailures
    // Tokens.
    case tokensRevoked, tokensRefused, loginsFail, loginsRefused, loginsSlow
  }
}
