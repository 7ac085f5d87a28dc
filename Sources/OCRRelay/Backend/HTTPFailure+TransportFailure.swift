internal import HTTPTransport
internal import RelayCore

extension TransportFailure {
  /// What a failed HTTP call means to the core.
  init(_ failure: HTTPFailure) {
    switch failure.kind {
    case .resolveFailed: self = .resolveFailed
    case .connectFailed: self = .connectFailed
    // Nothing left the machine, for a reason that the next request would meet as well.
    case .invalidRequest where !failure.requestSent, .resourceExhausted where !failure.requestSent:
      self = .connectFailed
    case .connectTimedOut: self = .connectTimeout
    case .tlsFailed: self = .tlsFailed
    case .timedOut: self = .timeout(afterRequestSent: failure.requestSent)
    case .connectionLost: self = .connectionLost(afterRequestSent: failure.requestSent)
    case .responseTooLarge, .headersTooLarge: self = .responseTooLarge
    case .malformedResponse: self = .responseMalformed
    case .repeatRefused: self = .repeatRefused
    case .cancelled: self = .cancelled(afterRequestSent: failure.requestSent)
    case .resourceExhausted, .bodySourceFailed, .invalidRequest, .other:
      self = .connectionLost(afterRequestSent: failure.requestSent)
    }
  }
}
