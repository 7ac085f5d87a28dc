import OCRContract
import RelayCore

/// Failures with only what a decision looks at.
enum SampleFailure {
  static func make(
    _ retry: RetryRule, _ scope: FailureScope = .message, code: ErrorCode = .backendFailed,
    status: Int? = nil, minimumWait: Duration? = nil, maxAttempts: Int? = nil, retryAfter: Duration? = nil
  ) -> CallFailure {
    CallFailure(
      code: code, retry: retry, scope: scope, minimumWait: minimumWait, maxAttempts: maxAttempts,
      backend: BackendFault(domain: "test", httpStatus: status, billed: .no),
      throttle: retryAfter.map { ThrottleNotice(kind: .rate, retryAfter: $0) })
  }
}
