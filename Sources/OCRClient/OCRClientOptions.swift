internal import OCRContract
public import SocketTransport

/// How a client publishes and where it takes answers.
public struct OCRClientOptions: Sendable {
  /// Where answers go.
  public enum ReplyMode: Sendable, Hashable {
    /// The broker's direct reply-to: no queue, gone with the connection.
    case direct
    /// An exclusive queue named by the broker, gone with the connection.
    case exclusiveQueue
    /// A durable queue of this name, declared if it is missing. Its name must be one that the relay may answer to,
    /// such as `ocr.reply.<name>`. Answers survive the loss of the connection.
    case queue(String)
  }

  /// Where answers go.
  public var replyMode = ReplyMode.direct
  /// The queue that requests are sent to; nil publishes to the exchange `ocr.requests` under the API's name.
  public var queue: String?
  /// The most time for the first connection.
  public var connectTimeout = Duration.seconds(10)
  /// TLS, for `amqps` addresses.
  public var tls = TLSSettings()
  /// Largest answer that is taken, in bytes.
  public var replyLimit = 16 << 20

  /// Direct reply-to, through the requests exchange.
  public init() {}
}
