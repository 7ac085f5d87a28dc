extension ErrorCode {
  /// The class the code belongs to.
  public var errorClass: ErrorClass {
    switch self {
    case .bodyEmpty, .bodyNotJSON, .contentType, .contentEncoding, .headerInvalid, .deadlineInvalid: .malformed
    case .bodyTooLarge, .optionsInvalid, .imageMissing, .imageAndURL, .urlInvalid, .urlForbidden,
      .backendRejectedRequest:
      .invalidRequest
    case .deadlineExceeded: .deadlineExceeded
    case .apiMissing, .unknownAPI, .apiNotInRegion, .apiDisabled: .unsupportedAPI
    case .imageNotBase64, .imageFormat, .imageDamaged, .imageTooLarge, .imageTooSmall, .backendRejectedImage:
      .unsupportedImage
    case .sourceDownloadFailed: .sourceDownloadFailed
    case .replyInvalid, .replyForbidden: .replyForbidden
    case .replyUnroutable: .unroutable
    case .backendFailed, .backendAnswerInvalid, .backendAnswerTooLarge, .backendUnreachable, .backendConnectionLost,
      .callCancelled:
      .upstreamFailure
    case .backendTimeout, .backendConnectTimeout: .upstreamTimeout
    case .throttled, .quotaExhausted: .quotaOrThrottled
    case .backendTLSFailed, .backendRedirected, .authMisconfigured: .authMisconfigured
    case .authExpired: .authExpired
    case .permissionDenied: .permissionDenied
    case .notSubscribed: .notSubscribed
    case .poison: .poison
    }
  }
}
