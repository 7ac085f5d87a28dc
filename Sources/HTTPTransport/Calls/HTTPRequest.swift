/// The methods that the client speaks.
public enum HTTPMethod: Sendable, Equatable {
  /// Has no body. May be sent again by itself when a kept-alive connection turns out to be dead.
  case get
  /// Is sent at most once: see ``HTTPClient``.
  case post
}

/// One call. The prepared parts (target, headers) are meant to be shared by many calls.
public struct HTTPRequest {
  /// Where to.
  public var target: HTTPTarget
  /// How.
  public var method: HTTPMethod
  /// The headers that many calls share, such as the token.
  public var headers: HTTPHeaders
  /// Headers of this call alone, such as `traceparent`.
  public var extraHeaders: [HTTPHeaderLine]
  /// The request body; ignored for ``HTTPMethod/get``.
  public var body: HTTPBody
  /// A shorter limit than the client's total timeout, for example what is left of a deadline.
  public var timeout: Duration?

  /// A call of `target`.
  public init(
    target: HTTPTarget, method: HTTPMethod = .post, headers: HTTPHeaders, extraHeaders: [HTTPHeaderLine] = [],
    body: HTTPBody = .none, timeout: Duration? = nil
  ) {
    self.target = target
    self.method = method
    self.headers = headers
    self.extraHeaders = extraHeaders
    self.body = body
    self.timeout = timeout
  }
}
