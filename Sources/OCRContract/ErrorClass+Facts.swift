extension ErrorClass {
  /// One short line for people, the `title` of a ``Problem``.
  public var title: String {
    switch self {
    case .invalidRequest: "The request is not valid"
    case .unsupportedImage: "The image cannot be used"
    case .sourceDownloadFailed: "The image could not be downloaded"
    case .authExpired: "The relay's token has expired"
    case .authMisconfigured: "The relay's credentials or settings are wrong"
    case .permissionDenied: "The relay's account lacks a permission"
    case .notSubscribed: "The API is not enabled for the relay's account"
    case .quotaOrThrottled: "The OCR service takes no more calls for now"
    case .upstreamFailure: "The OCR service failed"
    case .upstreamTimeout: "The OCR service did not answer in time"
    case .deadlineExceeded: "The deadline of the request has passed"
    case .poison: "The request was given up after repeated deliveries"
    case .unroutable: "The answer could not be delivered"
    case .replyForbidden: "The reply target is not allowed"
    case .malformed: "The message does not follow the contract"
    case .unsupportedAPI: "The API is not offered"
    }
  }

  /// The `type` of a ``Problem``: a stable name, not an address to open.
  public var problemType: String { "urn:ocr:error:" + rawValue }

  /// The HTTP status that would say the same. Failures of the relay's own standing with the OCR service are 502:
  /// the requester did nothing wrong.
  public var status: Int {
    switch self {
    case .invalidRequest, .malformed: 400
    case .replyForbidden: 403
    case .unsupportedAPI: 404
    case .deadlineExceeded: 408
    case .unroutable: 410
    case .unsupportedImage: 415
    case .sourceDownloadFailed: 424
    case .quotaOrThrottled: 429
    case .poison: 500
    case .authExpired, .authMisconfigured, .permissionDenied, .notSubscribed, .upstreamFailure: 502
    case .upstreamTimeout: 504
    }
  }

  /// Whether the same request may well succeed later without anybody changing anything.
  public var isRetryable: Bool {
    switch self {
    case .sourceDownloadFailed, .authExpired, .quotaOrThrottled, .upstreamFailure, .upstreamTimeout: true
    case .invalidRequest, .unsupportedImage, .authMisconfigured, .permissionDenied, .notSubscribed, .deadlineExceeded,
      .poison, .unroutable, .replyForbidden, .malformed, .unsupportedAPI:
      false
    }
  }

  /// The queue that keeps the original message, or nil: a late request has lost its value, and an answer that cannot
  /// be delivered is kept itself, in ``QueueName/unroutable``.
  public var deadLetterQueue: String? {
    switch self {
    case .deadlineExceeded, .unroutable: nil
    case .invalidRequest, .unsupportedImage, .sourceDownloadFailed, .authExpired, .authMisconfigured,
      .permissionDenied, .notSubscribed, .quotaOrThrottled, .upstreamFailure, .upstreamTimeout, .poison,
      .replyForbidden, .malformed, .unsupportedAPI:
      QueueName.deadPrefix + rawValue
    }
  }
}
