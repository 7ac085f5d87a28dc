/// Why a request has no answer.
public enum OCRClientError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The text is no AMQP URL.
  case invalidURL(String)
  /// No broker could be reached, or it refused the login.
  case brokerUnreachable(String)
  /// The connection was lost while the answer was awaited. The request may have been answered and paid for; sending it
  /// again with the same id is safe.
  case connectionLost(String)
  /// No queue takes requests: no relay has ever been started on this broker.
  case unroutable(String)
  /// The broker refused the request, for example because the queue is full.
  case refused
  /// The request cannot be sent.
  case invalidRequest(String)
  /// No answer came in time.
  case timedOut
  /// An answer came that does not follow the contract.
  case unreadableReply(String)
  /// The client was closed.
  case closed

  /// One sentence for people.
  public var description: String {
    switch self {
    case .invalidURL(let reason): reason
    case .brokerUnreachable(let reason): "cannot reach the broker: \(reason)"
    case .connectionLost(let reason): "the connection to the broker was lost: \(reason)"
    case .unroutable(let reason): "no queue takes the request (\(reason)); is a relay running on this broker?"
    case .refused: "the broker refused the request; its queue may be full"
    case .invalidRequest(let reason): "the request cannot be sent: \(reason)"
    case .timedOut: "no answer came in time"
    case .unreadableReply(let reason): "the answer cannot be read: \(reason)"
    case .closed: "the client was closed"
    }
  }
}
