public import OCRContract

/// A call that failed, and everything needed to decide what becomes of the request.
public struct CallFailure: Error, Sendable, Equatable {
  /// Our code.
  public var code: ErrorCode
  /// Whether and how to call again.
  public var retry: RetryRule
  /// Who suffers.
  public var scope: FailureScope
  /// The least wait before the next call.
  public var minimumWait: Duration?
  /// Most attempts in all, the first included; nil leaves it to the settings.
  public var maxAttempts: Int?
  /// What the other side said.
  public var backend: BackendFault
  /// What is known about the limit that was hit.
  public var throttle: ThrottleNotice?
  /// What to do about it, in one line.
  public var advice: String

  /// Makes a failure.
  ///
  /// - Parameter advice: nil takes the advice of the code.
  public init(
    code: ErrorCode, retry: RetryRule, scope: FailureScope, minimumWait: Duration? = nil, maxAttempts: Int? = nil,
    backend: BackendFault, throttle: ThrottleNotice? = nil, advice: String? = nil
  ) {
    self.code = code
    self.retry = retry
    self.scope = scope
    self.minimumWait = minimumWait
    self.maxAttempts = maxAttempts
    self.backend = backend
    self.throttle = throttle
    self.advice = advice ?? code.advice
  }

  /// The class of ``code``.
  public var errorClass: ErrorClass { code.errorClass }

  /// What an answer of ``RetryRule/afterTokenRefresh`` means when the token was issued after the first such answer:
  /// the token is not the cause, so the set-up is. Any other failure stays what it is.
  public func withFreshToken() -> CallFailure {
    guard retry == .afterTokenRefresh else { return self }
    var failure = self
    failure.code = .authMisconfigured
    failure.retry = .never
    failure.scope = .credential
    failure.advice = ErrorCode.authMisconfigured.advice
    return failure
  }

  /// The body of an error reply.
  ///
  /// - Parameters:
  ///   - backendName: how the OCR service is called in replies.
  ///   - attempts: calls made for the request.
  ///   - instance: names the request.
  ///   - deadLetter: the queue that keeps the request, if it is kept.
  public func problem(
    backendName: String, attempts: Int, instance: String? = nil, deadLetter: String? = nil
  ) -> Problem {
    Problem(
      code: code, detail: advice, instance: instance,
      retryable: errorClass.isRetryable && retry != .never,
      retryAfter: throttle?.retryAfter ?? minimumWait, attempts: attempts,
      backend: Problem.Backend(
        name: backendName, code: backend.code, message: backend.message, httpStatus: backend.httpStatus,
        requestID: backend.requestID, billed: backend.billed),
      deadLetter: deadLetter)
  }
}
