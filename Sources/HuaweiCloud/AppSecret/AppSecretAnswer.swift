internal import OCRContract
public import RelayCore

/// The answer to an ``AppSecretRequest``: login and renewal answer alike.
public struct AppSecretAnswer: Sendable {
  /// Status, `Date`, `Retry-After` and `X-Request-Id`.
  public var head: AnswerHead

  /// Longer lives are not believed; documented are one and two hours.
  public static let maximumLifetime: Duration = .seconds(31 * 86_400)
  private static let maximumTokenLength = 100_000

  /// Makes an answer.
  public init(head: AnswerHead) {
    self.head = head
  }

  /// Reads the answer. Failures are of the domain `iot`; nothing in them shows a token or secret.
  public func parse(body: RawSpan) -> Result<TokenContents, CallFailure> {
    guard (200...299).contains(head.status) else { return .failure(refusal(body)) }
    let document = body.withUnsafeBytes { try? JSONReader.read($0, text: .repair) }
    guard let document, let text = document["accessToken"]?.text, Self.isPlausible(text) else {
      return .failure(invalid("The answer has no usable accessToken."))
    }
    if let kind = document["tokenType"]?.text, kind.lowercased() != "bearer" {
      return .failure(invalid("The answer's tokenType is not bearer: check the address of the login."))
    }
    guard let seconds = document["expiresIn"]?.textOrNumber.flatMap({ Int($0) }), seconds > 0 else {
      return .failure(invalid("The answer does not tell how long its token lives."))
    }
    let refresh = document["refreshToken"]?.text.flatMap { Self.isPlausible($0) ? Secret($0) : nil }
    let lifetime = Duration.seconds(min(seconds, Int(Self.maximumLifetime.components.seconds)))
    return .success(TokenContents(text: Secret(text), refreshText: refresh, lifetime: lifetime))
  }

  /// Reads the answer with its body as an array.
  public func parse(body: [UInt8]) -> Result<TokenContents, CallFailure> { parse(body: body.span.bytes) }

  /// Whether a refused renewal leaves a full login to be tried: everything but a wrong app id or secret, for which the
  /// login would fail as well, and troubles of the platform, which concern both.
  public static func allowsLogin(after failure: CallFailure) -> Bool {
    failure.scope == .credential && failure.backend.httpStatus != nil && failure.backend.code != "100208"
  }

  private func refusal(_ body: RawSpan) -> CallFailure {
    var failure = FailureJudge(statusDomain: .iot).judge(head, body: body).failure.withFreshToken()
    failure.backend.billed = .no
    if failure.errorClass == .invalidRequest || failure.errorClass == .unsupportedImage {
      failure.code = .authMisconfigured
    }
    if failure.scope == .message { failure.scope = .credential }
    return failure
  }

  private func invalid(_ advice: String) -> CallFailure {
    CallFailure(
      code: .backendAnswerInvalid, retry: .backoff, scope: .service,
      backend: BackendFault(
        domain: ErrorDomain.iot.rawValue, httpStatus: head.status,
        requestID: MessageFilter.requestID(head.requestID), billed: .no),
      advice: advice)
  }

  private static func isPlausible(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= maximumTokenLength && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }
}
