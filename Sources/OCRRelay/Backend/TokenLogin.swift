internal import HTTPTransport
internal import RelayCore

/// One way to get a token, and what calls carry once it is there.
protocol TokenLogin: AnyObject {
  /// What is logged in to, for log lines: `IAM`.
  var service: String { get }
  /// Tells one secret from the next, without telling the secret.
  var secretTag: UInt16 { get }

  /// Logs in once; `refreshText` is that of the last token, where there is one.
  func start(refreshText: Secret?, _ completion: @escaping (Result<TokenContents, CallFailure>) -> Void)

  /// Headers of calls with this token.
  func headers(for contents: TokenContents) throws(HTTPClientError) -> HTTPHeaders
}
