/// What a dead letter says about itself beside the original message.
public struct DeadLetterHeaders: Sendable, Equatable {
  /// A header value: text or a whole number.
  public enum Value: Sendable, Equatable {
    case text(String)
    case integer(Int64)
  }

  /// Our code, raw so that codes of newer versions survive.
  public var errorCode: String
  /// The class, raw for the same reason.
  public var errorClass: String
  /// One short sentence without secrets or recognised text.
  public var errorMessage: String
  /// Attempts made, the first included.
  public var attempts: Int
  /// Milliseconds since 1970.
  public var firstFailedAt: Int64
  /// Milliseconds since 1970.
  public var lastFailedAt: Int64
  /// Exchange of the original delivery; empty is the default exchange.
  public var originExchange: String
  /// Routing key of the original delivery.
  public var originRoutingKey: String
  /// Queue the message was taken from.
  public var originQueue: String
  /// Name of the OCR service, nil when none was called.
  public var backend: String?
  /// Code of the OCR service as it sent it.
  public var backendCode: String?
  /// How often the message was replayed from a dead-letter queue.
  public var replayCount: Int
  /// The publisher that the broker had proven, if it had.
  public var originUser: String?

  /// Texts are cut to this many bytes, so that all headers together stay far below 8 KiB.
  public static let maximumTextBytes = 255

  /// Makes the headers; nothing is cut before ``fields`` is read.
  public init(
    errorCode: ErrorCode, errorMessage: String, attempts: Int, firstFailedAt: Int64, lastFailedAt: Int64,
    originExchange: String, originRoutingKey: String, originQueue: String, backend: String? = nil,
    backendCode: String? = nil, replayCount: Int = 0,
    originUser: String? = nil
  ) {
    self.errorCode = errorCode.rawValue
    self.errorClass = errorCode.errorClass.rawValue
    self.errorMessage = errorMessage
    self.attempts = attempts
    self.firstFailedAt = firstFailedAt
    self.lastFailedAt = lastFailedAt
    self.originExchange = originExchange
    self.originRoutingKey = originRoutingKey
    self.originQueue = originQueue
    self.backend = backend
    self.backendCode = backendCode
    self.replayCount = replayCount
    self.originUser = originUser
  }

  /// The headers in a fixed order, texts cut to ``maximumTextBytes`` at a character boundary.
  public var fields: [(name: HeaderName, value: Value)] {
    var fields: [(name: HeaderName, value: Value)] = [
      (.errorCode, text(errorCode)),
      (.errorClass, text(errorClass)),
      (.errorMessage, text(errorMessage)),
      (.attempts, .integer(Int64(attempts))),
      (.firstFailedAt, .integer(firstFailedAt)),
      (.lastFailedAt, .integer(lastFailedAt)),
      (.originExchange, text(originExchange)),
      (.originRoutingKey, text(originRoutingKey)),
      (.originQueue, text(originQueue)),
      (.replayCount, .integer(Int64(replayCount))),
    ]
    if let backend { fields.append((.backend, text(backend))) }
    if let backendCode { fields.append((.backendCode, text(backendCode))) }
    if let originUser { fields.append((.originUser, text(originUser))) }
    return fields
  }

  private func text(_ value: String) -> Value { .text(value.prefix(utf8Bytes: Self.maximumTextBytes)) }
}
