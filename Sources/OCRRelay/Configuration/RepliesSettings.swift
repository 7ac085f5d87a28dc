import OCRContract

/// Where answers may go.
public struct RepliesSettings: Sendable, Equatable {
  /// Patterns of allowed reply targets, see ``OCRContract/ReplyPolicy``.
  public var allow = ReplyPolicy.defaultPatterns
  /// Exchange for answers to requests without `reply_to`.
  public var resultsExchange = ExchangeName.results
}
