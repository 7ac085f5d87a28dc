import OCRContract
public import RelayCore

/// The answer to an ``IAMTokenRequest``.
public struct IAMTokenAnswer: Sendable {
  /// Status, `Date`, `Retry-After` and `X-Request-Id`.
  public var head: AnswerHead
  /// The header `X-Subject-Token`, which carries the token; the body does not.
  public var subjectToken: Secret?
  /// The project that calls name whatever the token says; nil means that the token must be bound to one.
  public var configuredProjectID: String?

  /// Longest token accepted, as other services of the vendor document it.
  public static let maximumTokenLength = 100_000
  /// Longer lifetimes are not believed; the documented one is 24 hours.
  public static let maximumLifetime: Duration = .seconds(7 * 86_400)

  /// Makes an answer.
  public init(head: AnswerHead, subjectToken: Secret?, configuredProjectID: String? = nil) {
    self.head = head
    self.subjectToken = subjectToken
    self.configuredProjectID = configuredProjectID
  }

  /// Reads the answer. Failures are of the domain `iam`; nothing in them shows token or password.
  public func parse(body: RawSpan) -> Result<IAMToken, CallFailure> {
    guard (200...299).contains(head.status) else { return .failure(Self.refusal(head, body: body)) }
    guard let subjectToken, Self.isPlausible(subjectToken) else {
      return .failure(invalid("The answer of IAM has no usable token in X-Subject-Token."))
    }
    let document = body.withUnsafeBytes { try? JSONReader.read($0, text: .repair) }
    guard let token = document?["token"] else { return .failure(invalid("The body is not that of a token answer.")) }
    guard let lifetime = lifetime(token) else {
      return .failure(invalid("The token has no readable lifetime or has already expired."))
    }
    let project = token["project"]
    guard let id = configuredProjectID ?? project?["id"]?.text, Self.isIdentifier(id) else {
      return .failure(unscoped)
    }
    return .success(
      IAMToken(text: subjectToken, lifetime: lifetime, projectID: id, projectName: project?["name"]?.text))
  }

  /// Reads the answer with its body as an array.
  public func parse(body: [UInt8]) -> Result<IAMToken, CallFailure> { parse(body: body.span.bytes) }

  /// What a token request without an answer means.
  public static func failure(transport failure: TransportFailure) -> CallFailure {
    var result = failure.callFailure
    result.scope = .service
    result.backend.billed = .no
    return result
  }
}

extension IAMTokenAnswer {
  /// Not empty, not too long, visible ASCII only. More is not checked: the kind of token is IAM's business.
  private static func isPlausible(_ token: Secret) -> Bool {
    let bytes = token.reveal().utf8
    return !bytes.isEmpty && bytes.count <= maximumTokenLength && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  /// The id becomes a part of addresses.
  private static func isIdentifier(_ id: String) -> Bool {
    !id.isEmpty && id.utf8.count <= 64
      && id.utf8.allSatisfy {
        ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == 0x2D || $0 == 0x5F
      }
  }

  /// From issue to expiry, both of the server. The `Date` of the answer shortens it when the token is not a new one.
  private func lifetime(_ token: JSONValue) -> Duration? {
    guard let expires = token["expires_at"]?.text.flatMap(WireTime.iso8601) else { return nil }
    let starts = [token["issued_at"]?.text.flatMap(WireTime.iso8601), head.date.flatMap(WireTime.httpDate)]
    guard let latest = starts.compactMap({ $0 }).max(), expires > latest else { return nil }
    return min(.seconds(expires - latest), Self.maximumLifetime)
  }

  private func invalid(_ advice: String) -> CallFailure {
    CallFailure(
      code: .backendAnswerInvalid, retry: .backoff, scope: .service,
      backend: BackendFault(
        domain: ErrorDomain.iam.rawValue, httpStatus: head.status,
        requestID: MessageFilter.requestID(head.requestID), billed: .no),
      advice: advice)
  }

  private var unscoped: CallFailure {
    var failure = invalid("The token is not bound to a project: set the project's name or id.")
    failure.code = .authMisconfigured
    failure.retry = .never
    failure.scope = .credential
    return failure
  }

  /// A refusal by the error table. A login has no token to refresh, and no publisher's request can be wrong here: both
  /// mean that the relay's settings are.
  private static func refusal(_ head: AnswerHead, body: RawSpan) -> CallFailure {
    var failure = FailureJudge(statusDomain: .iam).judge(head, body: body).failure.withFreshToken()
    failure.backend.billed = .no
    if failure.errorClass == .invalidRequest || failure.errorClass == .unsupportedImage {
      failure.code = .authMisconfigured
    }
    if failure.scope == .message { failure.scope = .credential }
    return failure
  }
}
