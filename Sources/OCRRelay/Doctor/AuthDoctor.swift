public import EventLoop
internal import HTTPTransport
internal import HuaweiCloud
internal import Logging
internal import OCRContract
internal import RelayCore

/// Tries the credential as a relay would: one login where there is one, then one call that costs nothing.
///
/// A wrong password is tried once only, and nothing is written to the token store.
public actor AuthDoctor {
  /// The loop that it works on.
  public nonisolated let loop: EventLoop
  /// The loop, as the actor's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private let configuration: RelayConfiguration
  private let api: String
  private let endsOtherTokens: Bool

  /// Examines the credential of a configuration by a call of `api`. `endsOtherTokens` allows a login that ends the
  /// tokens of running relays; they get new ones by themselves.
  public init(loop: EventLoop, configuration: RelayConfiguration, api: String, endsOtherTokens: Bool) {
    self.loop = loop
    self.configuration = configuration
    self.api = api
    self.endsOtherTokens = endsOtherTokens
  }

  /// Makes all steps, or as many as make sense.
  public func examine() async -> AuthReport {
    var report = AuthReport(subject: subject)
    guard let description = HuaweiCatalogue.ocr[api] else {
      report.steps = [.init("call", .wrong, "there is no API \(api)")]
      return report
    }
    do throws(HTTPClientError) {
      let client = try HTTPClient(reactor: loop.reactor, pool: BufferPool(), configuration: configuration.httpClient)
      defer { client.shutdown() }
      let (grant, step) = try await grant(client)
      if let step { report.steps.append(step) }
      if let grant { report.steps += try await call(description, grant, client) }
    } catch {
      report.steps.append(.init("settings", .wrong, "\(error)", advice: ["Mend the setting that is named."]))
    }
    return report
  }

  private var subject: [String] {
    let auth = configuration.auth
    let who =
      switch auth.kind {
      case .iamPassword:
        "user \(auth.username) of account \(auth.accountName), project \(configuration.authProjectName), "
          + "logging in at \(configuration.authEndpoint)"
      case .accessKey: auth.securityToken.isEmpty ? "a permanent access key" : "a temporary access key"
      case .appSecret: "application \(auth.appID), logging in at \(configuration.authEndpoint)"
      case .bearer: "a bearer key"
      }
    return ["\(auth.kind.rawValue): \(who)", "OCR service: \(configuration.backendEndpoint)"]
  }

  // MARK: Steps

  private func grant(_ client: HTTPClient) async throws(HTTPClientError) -> (CallGrant?, AuthReport.Step?) {
    let secrets = AuthSecrets(configuration.auth)
    switch configuration.auth.kind {
    case .accessKey, .bearer:
      let credentials = try configuration.makeCredentials(
        client: client, secrets: secrets, store: MemoryTokenStore { 0 }, reactor: loop.reactor,
        logger: Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() })
      defer { credentials.stop() }
      let result = await withCheckedContinuation { continuation in
        credentials.withToken(newerThan: nil) { continuation.resume(returning: Kept($0)) }
      }
      return (try? result.value.get(), nil)
    case .appSecret where !endsOtherTokens:
      let advice = "A login ends the tokens of running relays, which get new ones by themselves. Allow it: --log-in"
      return (nil, .init("login", .skipped, "not tried", advice: [advice]))
    case .iamPassword, .appSecret:
      return try await logIn(try configuration.makeLogin(client: client, secrets: secrets))
    }
  }

  private func logIn(_ login: any TokenLogin) async throws(HTTPClientError) -> (CallGrant?, AuthReport.Step?) {
    let result = await withCheckedContinuation { continuation in
      login.start(refreshText: nil) { continuation.resume(returning: $0) }
    }
    switch result {
    case .failure(let failure):
      return (nil, AuthDiagnosis(configuration: configuration).step("login", failure))
    case .success(let contents):
      let project = contents.projectID.map { " for project \($0)" } ?? ""
      let grant = CallGrant(
        generation: TokenGeneration(number: 1), headers: try login.headers(for: contents),
        projectID: contents.projectID, signer: nil)
      let minutes = contents.lifetime.components.seconds / 60
      let life = minutes < 120 ? "\(minutes) minutes" : "\(minutes / 60) hours"
      return (grant, .init("login", .fine, "a token\(project) that lives \(life)"))
    }
  }

  /// A call without a picture: whoever is let in is told that the picture is missing, and pays nothing.
  private func call(
    _ api: APIDescription, _ grant: CallGrant, _ client: HTTPClient
  ) async throws(HTTPClientError) -> [AuthReport.Step] {
    guard let project = configuration.backend.projectID ?? grant.projectID else { return [] }
    let path = api.path(projectID: project)
    let body = HTTPBody.bytes(Array("{}".utf8))
    let address = configuration.backendEndpoint
    let now = WallClock.milliseconds() / 1_000
    let lines =
      try grant.signer?.sign(
        path: (ServiceAddress(address)?.path ?? "") + path, body: body, secondsSince1970: now) ?? []
    let request = HTTPRequest(
      target: try HTTPTarget(address + path), headers: grant.headers, extraHeaders: lines, body: body)
    let result = await withCheckedContinuation { continuation in
      client.start(request) { continuation.resume(returning: Kept($0)) }
    }
    return steps(result.value)
  }

  private func steps(_ result: Result<HTTPResponse, HTTPFailure>) -> [AuthReport.Step] {
    let diagnosis = AuthDiagnosis(configuration: configuration)
    let classifier = HuaweiClassifier()
    switch result {
    case .failure(let failure):
      return [diagnosis.step("call", classifier.classify(transport: TransportFailure(failure)))]
    case .success(let response):
      let head = AnswerHead(response, withDate: true)
      switch classifier.classify(head, body: response.body.bytes.bytes) {
      case .success: return [.init("call", .fine, "the OCR service answered")]
      case .failure(let failure) where failure.scope == .message:
        return [.init("call", .fine, "the OCR service let the call in, and misses a picture in it as it should")]
      case .failure(let failure): return [diagnosis.step("call", failure.withFreshToken())]
      }
    }
  }

  /// Carries a value of this loop through a continuation of the same loop.
  private struct Kept<Value>: @unchecked Sendable {
    // @unchecked: made and read on the loop's thread only, which is this actor's executor.
    let value: Value

    init(_ value: Value) {
      self.value = value
    }
  }
}
