import OCRContract

/// Where answers may go.
public struct RepliesSettings: Sendable, Equatable {
  /// Patterns of allowed reply targets, see ``OCRContract/ReplyPolicy``.
  public var allow = ReplyPolicy.defaultPatterns
  /// Exchange for answers to requests without `reply_to`.
  public var resultsExchange = ExchangeName.results
  /// Most publishes of an answer that its target does not take, before it is parked.
  public var maximumPublishes = 3
  /// Pause before the second publish; each further one is four times as long, up to 20 seconds.
  public var retryPause = Duration.seconds(2)
  /// Failures of a target in a row after which answers to it are parked at once.
  public var parkingFailures = 10
  /// How long they are.
  public var parkingTime = Duration.seconds(60)
  /// Whether direct reply-to addresses are checked before a call.
  public var checksDirectRequesters = true
}
