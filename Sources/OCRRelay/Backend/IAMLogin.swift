internal import EventLoop
internal import HTTPTransport
internal import HuaweiCloud
internal import RelayCore

/// One login at the identity service: request, answer, and the headers for calls with the token.
final class IAMLogin {
  private let client: HTTPClient
  private let target: HTTPTarget
  private let request: IAMTokenRequest
  private let headers: HTTPHeaders
  private let timeout: Duration
  private let callHeaders: [(name: String, value: String)]
  private let projectID: String?

  /// Throws when the endpoint is no URL. `projectID` nil means the project that the token is bound to.
  init(
    client: HTTPClient, endpoint: String, request: IAMTokenRequest, timeout: Duration,
    callHeaders: [(name: String, value: String)], projectID: String? = nil
  ) throws(HTTPClientError) {
    self.client = client
    self.projectID = projectID
    self.request = request
    self.timeout = timeout
    self.callHeaders = callHeaders
    target = try HTTPTarget(endpoint + IAMTokenRequest.path)
    headers = try HTTPHeaders([("Content-Type", IAMTokenRequest.contentType)])
  }

  /// Logs in once.
  func start(_ completion: @escaping (Result<IAMToken, CallFailure>) -> Void) {
    let call = HTTPRequest(target: target, headers: headers, body: .bytes(request.body()), timeout: timeout)
    client.start(call) { [projectID] result in
      switch result {
      case .success(let response): completion(Self.token(in: response, projectID))
      case .failure(let failure): completion(.failure(IAMTokenAnswer.failure(transport: TransportFailure(failure))))
      }
    }
  }

  /// Headers of OCR calls with this token.
  func headers(for token: IAMToken) throws(HTTPClientError) -> HTTPHeaders {
    try HTTPHeaders([("X-Auth-Token", token.text.reveal()), ("Content-Type", "application/json")] + callHeaders)
  }

  private static func token(in response: HTTPResponse, _ projectID: String?) -> Result<IAMToken, CallFailure> {
    let head = AnswerHead(
      status: response.status, retryAfter: response.headers["Retry-After"], requestID: response.headers["X-Request-Id"],
      date: response.headers["Date"])
    let answer = IAMTokenAnswer(
      head: head, subjectToken: response.headers["X-Subject-Token"].map { Secret($0) }, configuredProjectID: projectID)
    return answer.parse(body: Array(response.body.bytes))
  }
}
