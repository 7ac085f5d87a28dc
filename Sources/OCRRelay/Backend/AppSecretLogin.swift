internal import EventLoop
internal import HTTPTransport
internal import HuaweiCloud
internal import RelayCore

/// A login with an app id and its secret: the refresh token of the last token first, a full login when that is refused.
final class AppSecretLogin: TokenLogin {
  let service = "the application platform"
  private let client: HTTPClient
  private let loginTarget: HTTPTarget
  private let refreshTarget: HTTPTarget
  private let loginHeaders: HTTPHeaders
  private let refreshHeaders: HTTPHeaders
  private let appID: String
  private let secret: LiveSecret
  private let timeout: Duration

  /// Throws when the endpoint is no URL.
  init(
    client: HTTPClient, endpoint: String, appID: String, secret: LiveSecret, timeout: Duration
  ) throws(HTTPClientError) {
    self.client = client
    self.appID = appID
    self.secret = secret
    self.timeout = timeout
    loginTarget = try HTTPTarget(endpoint + AppSecretRequest.loginPath)
    refreshTarget = try HTTPTarget(endpoint + AppSecretRequest.refreshPath)
    loginHeaders = try HTTPHeaders([("Content-Type", AppSecretRequest.loginContentType)])
    refreshHeaders = try HTTPHeaders([("Content-Type", AppSecretRequest.refreshContentType)])
  }

  var secretTag: UInt16 { LiveSecret.tag([secret.value]) }

  func start(refreshText: Secret?, _ completion: @escaping (Result<TokenContents, CallFailure>) -> Void) {
    let request = AppSecretRequest(appID: appID, secret: secret.value)
    guard let refreshText else { return logIn(request, completion) }
    send(request.refreshBody(refreshText), to: refreshTarget, refreshHeaders) { [self] result in
      if case .failure(let failure) = result, AppSecretAnswer.allowsLogin(after: failure) {
        return logIn(request, completion)
      }
      completion(result)
    }
  }

  func headers(for contents: TokenContents) throws(HTTPClientError) -> HTTPHeaders {
    try HTTPHeaders([
      ("app_key", appID), ("Authorization", "Bearer " + contents.text.reveal()), ("Content-Type", "application/json"),
    ])
  }

  private func logIn(
    _ request: AppSecretRequest, _ completion: @escaping (Result<TokenContents, CallFailure>) -> Void
  ) {
    send(request.loginBody(), to: loginTarget, loginHeaders, completion)
  }

  private func send(
    _ body: [UInt8], to target: HTTPTarget, _ headers: HTTPHeaders,
    _ completion: @escaping (Result<TokenContents, CallFailure>) -> Void
  ) {
    client.start(HTTPRequest(target: target, headers: headers, body: .bytes(body), timeout: timeout)) { result in
      switch result {
      case .success(let response):
        completion(AppSecretAnswer(head: AnswerHead(response, withDate: true)).parse(body: Array(response.body.bytes)))
      case .failure(let failure): completion(.failure(IAMTokenAnswer.failure(transport: TransportFailure(failure))))
      }
    }
  }
}
