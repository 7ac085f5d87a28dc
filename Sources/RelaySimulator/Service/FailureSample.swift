internal import OCRContract
internal import RelayCore

/// The ways in which a call can fail here: every retry rule for every circle of those who suffer.
enum FailureSample: Int, CaseIterable {
  case terminal, failing, download, longWait, throttled, throttledRetryAfter, timeout, answerLost
  case unauthorized, ownUnauthorized, outage, badCredential
  case serviceFailing, serviceNever, serviceThrottled, serviceUnauthorized, credentialBackoff, credentialThrottled

  /// As the relay's core sees it.
  var failure: CallFailure { Self.failures[rawValue] }

  /// Whether an answer with a body came back.
  var hasBody: Bool {
    switch self {
    case .timeout, .answerLost, .outage: false
    default: true
    }
  }

  private static let failures: [CallFailure] = allCases.map { make($0) }

  private static func make(_ sample: FailureSample) -> CallFailure {
    switch sample {
    case .terminal: failure(.backendRejectedImage, .never, .message)
    case .failing: failure(.backendFailed, .backoff, .message)
    case .download: failure(.sourceDownloadFailed, .backoff, .message, maxAttempts: 3)
    case .longWait: failure(.backendFailed, .backoff, .message, minimumWait: .seconds(7200))
    case .throttled: failure(.throttled, .backoffWithRateCut, .message)
    case .throttledRetryAfter: failure(.throttled, .backoffWithRateCut, .message, retryAfter: .seconds(37))
    case .timeout: TransportFailure.timeout(afterRequestSent: true).callFailure
    case .answerLost: TransportFailure.connectionLost(afterRequestSent: true).callFailure
    case .unauthorized: failure(.authExpired, .afterTokenRefresh, .credential)
    case .ownUnauthorized: failure(.authExpired, .afterTokenRefresh, .message)
    case .outage: TransportFailure.connectFailed.callFailure
    case .badCredential: failure(.notSubscribed, .never, .credential)
    case .serviceFailing: failure(.backendFailed, .backoff, .service)
    case .serviceNever: TransportFailure.redirected.callFailure
    case .serviceThrottled: failure(.throttled, .backoffWithRateCut, .service, retryAfter: .seconds(5))
    case .serviceUnauthorized: failure(.authExpired, .afterTokenRefresh, .service)
    case .credentialBackoff: failure(.permissionDenied, .backoff, .credential)
    case .credentialThrottled: failure(.quotaExhausted, .backoffWithRateCut, .credential)
    }
  }

  private static func failure(
    _ code: ErrorCode, _ retry: RetryRule, _ scope: FailureScope, minimumWait: Duration? = nil,
    maxAttempts: Int? = nil, retryAfter: Duration? = nil
  ) -> CallFailure {
    CallFailure(
      code: code, retry: retry, scope: scope, minimumWait: minimumWait, maxAttempts: maxAttempts,
      backend: BackendFault(domain: "simulated", httpStatus: 500, billed: .no),
      throttle: retryAfter.map { ThrottleNotice(kind: .rate, retryAfter: $0) })
  }

  /// The wait that the failure demands before the next call, in milliseconds.
  var demandedWait: Int {
    max(failure.minimumWait?.wholeMilliseconds ?? 0, failure.throttle?.retryAfter?.wholeMilliseconds ?? 0)
  }

  /// Whether a call that fails so counts as an attempt.
  var countsAttempt: Bool {
    switch self {
    case .terminal, .failing, .download, .longWait, .timeout, .answerLost: true
    case .throttled, .throttledRetryAfter, .unauthorized, .ownUnauthorized, .outage, .badCredential,
      .serviceFailing, .serviceNever,
      .serviceThrottled, .serviceUnauthorized, .credentialBackoff, .credentialThrottled:
      false
    }
  }

  /// Whether the answer says that the token is not taken.
  var refusesToken: Bool { failure.retry == .afterTokenRefresh }
}
