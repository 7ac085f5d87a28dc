public import OCRContract

/// Everything about a dead letter but its body.
public struct LetterRecord: Sendable, Equatable {
  /// Where a request came from before it died.
  public struct Origin: Sendable, Equatable {
    /// The exchange it was published to; empty for the default exchange.
    public var exchange: String
    /// The routing key it was published with.
    public var routingKey: String
    /// The queue a relay took it from.
    public var queue: String
  }

  /// What tells it from every other letter; nil when it was not asked for.
  public var fingerprint: LetterID?
  /// The queue that keeps it.
  public var queue: String
  /// Whether the broker moved it here, because the message was delivered too often or its body is too large: such a
  /// letter has no explanation of the relay's.
  public var isFromBroker: Bool
  /// The publisher's id of the request.
  public var messageID: String?
  /// What replies repeat.
  public var correlationID: String?
  /// The API that the request names; nil when it names none.
  public var api: String?
  /// The publisher, proven by the broker; nil when the publisher did not say.
  public var user: String?
  /// Why it died: the class of the error.
  public var cause: String
  /// Why it died: the code of the error.
  public var code: String
  /// One sentence about it, from the relay or from the OCR service.
  public var message: String?
  /// Calls that were made for it.
  public var attempts: Int
  /// Milliseconds since 1970.
  public var firstFailedAt: Int64?
  /// Milliseconds since 1970.
  public var lastFailedAt: Int64?
  /// Where it came from.
  public var origin: Origin
  /// Name of the OCR service, if it was called.
  public var backend: String?
  /// The code that it answered with.
  public var backendCode: String?
  /// How often it was replayed.
  public var replayCount: Int
  /// Earlier failures, the latest last; see ``HeaderName/history``.
  public var history: String?
  /// MIME type of the body, as its publisher says.
  public var contentType: String?
  /// Where the answer goes.
  public var replyTo: String?
  /// Milliseconds since 1970; after it a relay makes no call for it.
  public var deadline: Int64?
  /// Trace context.
  public var traceparent: String?
  /// Size of the body.
  public var bytes: Int
  /// How often the broker has handed it out before, as far as it says.
  public var deliveryCount: Int
  /// Headers that are not of the contract: their names.
  public var otherHeaders: [String]

  /// The name that people use: the message id, or the beginning of the fingerprint when there is none.
  public var name: String {
    if let messageID, !messageID.isEmpty { return messageID }
    return fingerprint?.shortText ?? "(no id)"
  }

  /// The code, when this version knows it.
  public var knownCode: ErrorCode? { ErrorCode(rawValue: code) }

  /// Whether the answer goes to an address that ends with the publisher's connection.
  public var repliesToConnection: Bool {
    guard let replyTo else { return false }
    return replyTo.hasPrefix(ReplyTarget.directPrefix) || replyTo.hasPrefix("amq.gen-")
  }
}
