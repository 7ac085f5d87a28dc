/// Why dead letters cannot be worked on.
public enum DeadLetterError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The text is no AMQP URL.
  case invalidURL(String)
  /// No broker could be reached, or it refused the login.
  case brokerUnreachable(String)
  /// The connection was lost; everything that was only looked at goes back to its queue by itself.
  case connectionLost(String)
  /// Another operator works on the dead letters of this virtual host.
  case busy
  /// Some program consumes from the queue, so that what is in it cannot be known.
  case queueInUse(queue: String, consumers: Int)
  /// The broker does not have the queue, or refuses access to it.
  case refused(String)
  /// A letter could not be copied to another queue; it is where it was.
  case notMoved(String)
  /// A file cannot be read or written.
  case file(path: String, reason: String)

  /// One sentence for people.
  public var description: String {
    switch self {
    case .invalidURL(let reason): reason
    case .brokerUnreachable(let reason): "cannot reach the broker: \(reason)"
    case .connectionLost(let reason): "the connection to the broker was lost: \(reason)"
    case .busy:
      "another operator works on the dead letters of this virtual host; only one can at a time, try again later"
    case .queueInUse(let queue, let consumers):
      "\(consumers) other consumer(s) take letters from \(queue), so that nothing certain can be said about it; "
        + "stop them first"
    case .refused(let reason): "the broker refuses: \(reason)"
    case .notMoved(let reason): "a letter could not be moved and is where it was: \(reason)"
    case .file(let path, let reason): "\(path): \(reason)"
    }
  }
}
