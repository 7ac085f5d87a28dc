public import OCRContract
import RelayCore

extension ErrorEntry {
  /// Our code for answers of this entry.
  public var relayCode: ErrorCode {
    if domain == .http, let code = transportCode { return code }
    switch errorClass {
    case .invalidRequest: return .backendRejectedRequest
    case .unsupportedImage: return .backendRejectedImage
    case .sourceDownloadFailed: return .sourceDownloadFailed
    case .authExpired: return .authExpired
    case .authMisconfigured: return .authMisconfigured
    case .permissionDenied: return .permissionDenied
    case .notSubscribed: return .notSubscribed
    case .quotaOrThrottled: return retry == .never ? .quotaExhausted : .throttled
    case .upstreamTimeout: return .backendTimeout
    case .upstreamFailure, nil: return .backendFailed
    case .deadlineExceeded, .poison, .unroutable, .replyForbidden, .malformed, .unsupportedAPI:
      // Causes of our own, which no service reports; a test keeps them out of the table.
      return .backendFailed
    }
  }

  private var transportCode: ErrorCode? {
    switch code {
    case "2xx-not-json": .backendAnswerInvalid
    case "3xx": .backendRedirected
    case "connect-failed": .backendUnreachable
    case "connect-timeout": .backendConnectTimeout
    case "connection-closed": .backendConnectionLost
    case "tls-failed": .backendTLSFailed
    default: nil
    }
  }
}
