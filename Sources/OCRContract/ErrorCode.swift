/// Our own error codes: stable strings, one for each cause that a requester or an operator can act upon. A code is
/// never renamed and never reused; a test pins them all.
public enum ErrorCode: String, CaseIterable, Sendable {
  // The message.

  case bodyEmpty = "OCR_BODY_EMPTY"
  case bodyNotJSON = "OCR_BODY_NOT_JSON"
  case bodyTooLarge = "OCR_BODY_TOO_LARGE"
  case contentType = "OCR_CONTENT_TYPE"
  case contentEncoding = "OCR_CONTENT_ENCODING"
  case headerInvalid = "OCR_HEADER_INVALID"
  case optionsInvalid = "OCR_OPTIONS_INVALID"
  case deadlineInvalid = "OCR_DEADLINE_INVALID"
  case deadlineExceeded = "OCR_DEADLINE_EXCEEDED"

  // The API.

  case apiMissing = "OCR_API_MISSING"
  case unknownAPI = "OCR_UNKNOWN_API"
  case apiNotInRegion = "OCR_API_NOT_IN_REGION"
  case apiDisabled = "OCR_API_DISABLED"

  // The image.

  case imageMissing = "OCR_IMAGE_MISSING"
  case imageAndURL = "OCR_IMAGE_AND_URL"
  case imageNotBase64 = "OCR_IMAGE_NOT_BASE64"
  case imageFormat = "OCR_IMAGE_FORMAT"
  case imageDamaged = "OCR_IMAGE_DAMAGED"
  case imageTooLarge = "OCR_IMAGE_TOO_LARGE"
  case imageTooSmall = "OCR_IMAGE_TOO_SMALL"
  case urlInvalid = "OCR_URL_INVALID"
  case urlForbidden = "OCR_URL_FORBIDDEN"
  case sourceDownloadFailed = "OCR_SOURCE_DOWNLOAD_FAILED"

  // The reply.

  case replyInvalid = "OCR_REPLY_INVALID"
  case replyForbidden = "OCR_REPLY_FORBIDDEN"
  case replyUnroutable = "OCR_REPLY_UNROUTABLE"

  // What the OCR service answered.

  case backendRejectedRequest = "OCR_BACKEND_REJECTED_REQUEST"
  case backendRejectedImage = "OCR_BACKEND_REJECTED_IMAGE"
  case backendFailed = "OCR_BACKEND_FAILED"
  case backendTimeout = "OCR_BACKEND_TIMEOUT"
  case backendAnswerInvalid = "OCR_BACKEND_ANSWER_INVALID"
  case backendAnswerTooLarge = "OCR_BACKEND_ANSWER_TOO_LARGE"
  case throttled = "OCR_THROTTLED"
  case quotaExhausted = "OCR_QUOTA_EXHAUSTED"

  // The way to the OCR service.

  case backendUnreachable = "OCR_BACKEND_UNREACHABLE"
  case backendConnectTimeout = "OCR_BACKEND_CONNECT_TIMEOUT"
  case backendConnectionLost = "OCR_BACKEND_CONNECTION_LOST"
  case backendTLSFailed = "OCR_BACKEND_TLS_FAILED"
  case backendRedirected = "OCR_BACKEND_REDIRECTED"
  case callCancelled = "OCR_CALL_CANCELLED"

  // The relay's standing with the OCR service.

  case authExpired = "OCR_AUTH_EXPIRED"
  case authMisconfigured = "OCR_AUTH_MISCONFIGURED"
  case permissionDenied = "OCR_PERMISSION_DENIED"
  case notSubscribed = "OCR_NOT_SUBSCRIBED"

  // The relay.

  case poison = "OCR_POISON"
}
