public import OCRContract

extension TransportFailure {
  /// Whether the OCR service may have received, and charged for, the request.
  public var billed: Billed {
    switch self {
    case .resolveFailed, .connectFailed, .connectTimeout, .tlsFailed, .redirected: .no
    case .timeout(let sent), .connectionLost(let sent), .cancelled(let sent): sent ? .unknown : .no
    case .repeatRefused, .responseTooLarge, .responseMalformed: .unknown
    }
  }

  /// A stable name for logs and replies.
  public var name: String {
    switch self {
    case .resolveFailed: "resolve-failed"
    case .connectFailed: "connect-failed"
    case .connectTimeout: "connect-timeout"
    case .tlsFailed: "tls-failed"
    case .timeout: "read-timeout"
    case .connectionLost: "connection-closed"
    case .repeatRefused: "repeat-refused"
    case .responseTooLarge: "response-too-large"
    case .responseMalformed: "response-malformed"
    case .redirected: "redirected"
    case .cancelled: "cancelled"
    }
  }

  /// What the failure means for the request, the same for every OCR service over HTTP.
  ///
  /// What keeps the relay from reaching the service at all concerns every request; a late or broken answer only this
  /// one. An answer that is too large would be paid for again at each attempt, so it is not repeated.
  public var callFailure: CallFailure {
    let (code, retry, scope): (ErrorCode, RetryRule, FailureScope) =
      switch self {
      case .resolveFailed, .connectFailed: (.backendUnreachable, .backoff, .service)
      case .connectTimeout: (.backendConnectTimeout, .backoff, .service)
      case .tlsFailed: (.backendTLSFailed, .backoff, .service)
      case .timeout: (.backendTimeout, .backoff, .message)
      case .connectionLost, .repeatRefused: (.backendConnectionLost, .backoff, .message)
      case .responseTooLarge: (.backendAnswerTooLarge, .never, .message)
      case .responseMalformed: (.backendAnswerInvalid, .backoff, .service)
      case .redirected: (.backendRedirected, .never, .service)
      case .cancelled: (.callCancelled, .backoff, .message)
      }
    return CallFailure(
      code: code, retry: retry, scope: scope,
      backend: BackendFault(domain: "transport", code: name, billed: billed))
  }
}
