internal import EventLoop
internal import HTTPTransport
internal import HuaweiCloud
internal import RelayCore

/// One login at the identity service: request, answer, and the headers for calls with the token.
final class IAMLogin: TokenLogin {
  /// Who logs in, and for which project.
  struct Identity {
    var user: String
    var password: LiveSecret
    var domain: String?
    var project: IAMTokenRequest.Project
  }

  let service = "IAM"
  private let client: HTTPClient
  private let target: HTTPTarget
  private let identity: Identity
  private let headers: HTTPHeaders
  private let timeout: Duration
  private let callHeaders: [(name: String, value: String)]
  private let projectID: String?

  /// Throws when the endpoint is no URL. `projectID` nil means the project that the token is bound to.
  init(
    client: HTTPClient, endpoint: String, identity: Identity, timeout: Duration,
    callHeaders: [(name: String, value: String)], projectID: String? = nil
  ) throws(HTTPClientError) {
    self.client = client
    self.projectID = projectID
    self.identity = identity
    self.timeout = timeout
    self.callHeaders = callHeaders
    target = try HTTPTarget(endpoint + IAMTokenRequest.path)
    headers = try HTTPHeaders([("Content-Type", IAMTokenRequest.contentType)])
  }

  var secretTag: UInt16 { LiveSecret.tag([identity.password.value]) }

  func start(refreshText: Secret?, _ completion: @escaping (Result<TokenContents, CallFailure>) -> Void) {
    let request = IAMTokenRequest(
      user: identity.user, password: identity.password.value, domain: identity.domain, project: identity.project)
    let call = HTTPRequest(target: target, headers: headers, body: .bytes(request.body()), timeout: timeout)
    client.start(call) { [projectID] result in
      switch result {
      case .success(let response): completion(Self.token(in: response, projectID).map(Self.contents))
      case .failure(let failure): completion(.failure(IAMTokenAnswer.failure(transport: TransportFailure(failure))))
      }
    }
  }

  func headers(for contents: TokenContents) throws(HTTPClientError) -> HTTPHeaders {
    try HTTPHeaders([("X-Auth-Token", contents.text.reveal()), ("Content-Type", "application/json")] + callHeaders)
  }

  private static func contents(_ token: IAMToken) -> TokenContents {
    TokenContents(text: token.text, projectID: token.projectID, lifetime: token.lifetime)
  }

  private static func token(in response: HTTPResponse, _ projectID: String?) -> Result<IAMToken, CallFailure> {
    let answer = IAMTokenAnswer(
      head: AnswerHead(response, withDate: true),
      subjectToken: response.headers["X-Subject-Token"].map { Secret($0) }, configuredProjectID: projectID)
    return answer.parse(body: Array(response.body.bytes))
  }
}
