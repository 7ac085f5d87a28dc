/// The exchanges of the wire contract, version 1.
public enum ExchangeName {
  /// Direct exchange for requests; the routing key is the API name.
  public static let requests = "ocr.requests"
  /// Topic exchange for answers to requests without `reply_to`; the key is `<api>.ok` or `<api>.error`.
  public static let results = "ocr.results"
  /// Where ``requests`` sends keys that name no API, so that such a request is answered instead of dropped.
  public static let otherRequests = "ocr.requests.other"
  /// Topic exchange in front of the retry levels; the key is level and work queue, such as `10s.ocr.requests`.
  public static let retry = "ocr.retry"
  /// Exchange through which a waited-out retry returns to the work queue.
  public static let retryIn = "ocr.retry-in"
  /// Topic exchange for dead letters; the key is the error class.
  public static let dead = "ocr.dead"
  /// Exchange for answers that could not be delivered.
  public static let unroutable = "ocr.unroutable"

  /// Exchanges through which the service moves its own messages. No reply may be addressed to them.
  public static let reserved: [String] = [requests, otherRequests, retry, retryIn, dead, unroutable]

  /// Whether the service uses an exchange of this name, a lane's included.
  public static func isReserved(_ name: String) -> Bool {
    reserved.contains(name) || name.utf8.starts(with: QueueName.requestsPrefix.utf8)
  }

  /// Whether only the service itself can have published a message that came through this exchange: what its headers say
  /// about earlier attempts, origin and publisher is believed.
  public static func isOwn(_ exchange: String) -> Bool { exchange == retryIn || exchange == retry }
}
