/// The queues of the wire contract, version 1. Queues of retry levels are in ``RetryLevel``.
public enum QueueName {
  /// The work queue.
  public static let requests = "ocr.requests"
  /// What other queues of requests begin with, lanes and overflow.
  public static let requestsPrefix = "ocr.requests."
  /// Answers whose reply target is gone.
  public static let unroutable = "ocr.unroutable"
  /// Dead letters that an operator has put aside.
  public static let parked = "ocr.parked"
  /// The exclusive queue that whoever works on dead letters holds, so that two operators do not meet.
  public static let deadLetterLock = "ocr.dead-lock"
  /// What every dead-letter queue begins with; the error class follows.
  public static let deadPrefix = "ocr.dead."
  /// What every retry queue begins with; the level follows.
  public static let retryPrefix = "ocr.retry."

  /// Every dead-letter queue, in the order of ``ErrorClass``.
  public static var dead: [String] { ErrorClass.allCases.compactMap(\.deadLetterQueue) }

  /// Whether the service uses a queue of this name for its own messages, so that no reply may be addressed to it.
  public static func isReserved(_ name: String) -> Bool {
    switch name {
    case requests, unroutable, parked, deadLetterLock: return true
    default: break
    }
    var name = name
    return name.withUTF8 { name in reservedPrefixes.contains { name.starts(with: $0) } }
  }

  /// Bytes: a combining mark behind the dot would make another character of it.
  private static let reservedPrefixes = [deadPrefix, retryPrefix, requestsPrefix].map { Array($0.utf8) }
}
