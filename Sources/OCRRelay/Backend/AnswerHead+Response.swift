internal import HTTPTransport
internal import RelayCore

extension AnswerHead {
  /// What is needed of an answer; the server's date only where it is used.
  init(_ response: HTTPResponse, withDate: Bool) {
    self.init(
      status: response.status, retryAfter: response.headers["Retry-After"], requestID: response.headers["X-Request-Id"],
      date: withDate ? response.headers["Date"] : nil)
  }
}
