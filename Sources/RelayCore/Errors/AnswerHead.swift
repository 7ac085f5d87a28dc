/// What is needed of an HTTP answer beside its body.
public struct AnswerHead: Sendable, Equatable {
  /// HTTP status.
  public var status: Int
  /// Header `Retry-After`, unread.
  public var retryAfter: String?
  /// Header `X-Request-Id`.
  public var requestID: String?
  /// Header `Date`: the other side's clock, against which a date in `Retry-After` is read.
  public var date: String?

  /// Makes a head.
  public init(status: Int, retryAfter: String? = nil, requestID: String? = nil, date: String? = nil) {
    self.status = status
    self.retryAfter = retryAfter
    self.requestID = requestID
    self.date = date
  }
}
