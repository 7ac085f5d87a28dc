internal import AMQP
internal import EventLoop
internal import HTTPTransport
internal import HuaweiCloud
internal import RelayCore

/// Calls the OCR service: the API named by a plan, with the body of a delivery, under a token.
///
/// Isolation: not `Sendable`; belongs to its loop.
final class OCRBackend {
  /// A finished call.
  struct Answer {
    var outcome: CallOutcome
    /// The body, when there was an answer.
    var body: PooledBuffer?
    var requestID: String?
    var duration: Duration
    /// The HTTP status, when there was an answer.
    var status: Int?
  }

  private let client: HTTPClient
  private let endpoint: String
  private let pathOfEndpoint: String
  private let projectID: String?
  private let classifier: any OutcomeClassifier
  private var targets: [ObjectIdentifier: Target] = [:]
  /// That of the last call: most calls are of the same API as the one before.
  private var lastTarget: Target?

  /// Where calls of one API go.
  private final class Target {
    let api: APIDescription
    let projectID: String
    /// The path as the server sees it, for signatures.
    let path: String
    let address: HTTPTarget

    init(api: APIDescription, projectID: String, path: String, address: HTTPTarget) {
      self.api = api
      self.projectID = projectID
      self.path = path
      self.address = address
    }
  }

  /// `projectID` nil means the project that the credential is bound to.
  init(client: HTTPClient, endpoint: String, projectID: String?, classifier: any OutcomeClassifier) {
    self.client = client
    self.endpoint = endpoint
    pathOfEndpoint = ServiceAddress(endpoint)?.path ?? ""
    self.projectID = projectID
    self.classifier = classifier
  }

  /// Makes one call; `completion` is called exactly once.
  func call(
    _ plan: RequestPlan, body: PooledBuffer, grant: CallGrant, request: IncomingRequest, timeout: Duration?,
    _ completion: @escaping (Answer) -> Void
  ) {
    guard let target = target(for: plan.api, grant), let body = Self.body(plan.body, body),
      let signature = Self.signature(grant.signer, path: target.path, body)
    else {
      let failure = TransportFailure.connectFailed.callFailure
      return completion(Answer(outcome: .failure(failure), body: nil, requestID: nil, duration: .zero))
    }
    let call = HTTPRequest(
      target: target.address, headers: grant.headers, extraHeaders: Self.traceHeaders(request, after: signature),
      body: body, timeout: timeout)
    client.start(call) { [classifier] result in completion(Self.answer(result, classifier)) }
  }

  private func target(for api: APIDescription, _ grant: CallGrant) -> Target? {
    guard let project = projectID ?? grant.projectID else { return nil }
    if let lastTarget, lastTarget.api === api, lastTarget.projectID == project { return lastTarget }
    let target = knownTarget(of: api, project) ?? makeTarget(for: api, project)
    lastTarget = target
    return target
  }

  private func knownTarget(of api: APIDescription, _ project: String) -> Target? {
    guard let known = targets[ObjectIdentifier(api)], known.projectID == project else { return nil }
    return known
  }

  private func makeTarget(for api: APIDescription, _ project: String) -> Target? {
    let path = api.path(projectID: project)
    guard let address = try? HTTPTarget(endpoint + path) else { return nil }
    let made = Target(api: api, projectID: project, path: pathOfEndpoint + path, address: address)
    targets[ObjectIdentifier(api)] = made
    return made
  }

  /// No lines without a signer; nil when the call cannot be signed.
  private static func signature(_ signer: CallSigner?, path: String, _ body: HTTPBody) -> [HTTPHeaderLine]? {
    guard let signer else { return [] }
    return try? signer.sign(path: path, body: body, secondsSince1970: WallClock.milliseconds() / 1_000)
  }

  private static func body(_ plan: BodyPlan, _ body: PooledBuffer) -> HTTPBody? {
    switch plan {
    case .forward: .buffer(body)
    case .base64(let prefix, let suffix, _):
      EncodedBody(prefix: prefix, suffix: suffix, source: body).map { .source($0) }
    }
  }

  /// Trace context is the publisher's text: what is not a legal header value is left out.
  private static func traceHeaders(_ request: IncomingRequest, after others: [HTTPHeaderLine]) -> [HTTPHeaderLine] {
    var lines = others
    if let value = request.traceparent, let line = try? HTTPHeaderLine(name: "traceparent", value: value) {
      lines.append(line)
      if let state = request.tracestate, let line = try? HTTPHeaderLine(name: "tracestate", value: state) {
        lines.append(line)
      }
    }
    return lines
  }

  private static func answer(
    _ result: Result<HTTPResponse, HTTPFailure>, _ classifier: any OutcomeClassifier
  ) -> Answer {
    switch result {
    case .failure(let failure):
      let call = classifier.classify(transport: TransportFailure(failure))
      return Answer(outcome: .failure(call), body: nil, requestID: nil, duration: .zero)
    case .success(let response):
      var head = AnswerHead(
        status: response.status, retryAfter: response.headers["Retry-After"],
        requestID: response.headers["X-Request-Id"])
      if head.retryAfter != nil { head.date = response.headers["Date"] }
      let outcome: CallOutcome =
        (300..<400).contains(response.status)
        ? .failure(classifier.classify(transport: .redirected))
        : classifier.classify(head, body: response.body.bytes.bytes)
      return Answer(
        outcome: outcome, body: response.body, requestID: head.requestID, duration: response.timing.total,
        status: response.status)
    }
  }
}
