/// The kind of a failure. The names are part of the wire contract and are never changed or reused.
public enum ErrorClass: String, CaseIterable, Sendable {
  /// The request breaks a rule of the API.
  case invalidRequest = "invalid_request"
  /// The image has a format, size or quality that the API does not take.
  case unsupportedImage = "unsupported_image"
  /// The OCR service could not fetch the address in `url`.
  case sourceDownloadFailed = "source_download_failed"
  /// The token of the relay has expired or was withdrawn.
  case authExpired = "auth_expired"
  /// The credentials or the set-up of the relay are wrong.
  case authMisconfigured = "auth_misconfigured"
  /// The account of the relay lacks a permission.
  case permissionDenied = "permission_denied"
  /// The API is not enabled for the account of the relay.
  case notSubscribed = "not_subscribed"
  /// Too many calls, or the budget is used up.
  case quotaOrThrottled = "quota_or_throttled"
  /// The OCR service failed.
  case upstreamFailure = "upstream_failure"
  /// The OCR service did not answer in time.
  case upstreamTimeout = "upstream_timeout"
  /// The deadline of the request passed before a call was made.
  case deadlineExceeded = "deadline_exceeded"
  /// The request was delivered again and again without an outcome.
  case poison
  /// The answer could not be delivered.
  case unroutable
  /// The reply target is not allowed.
  case replyForbidden = "reply_forbidden"
  /// The message is not what the contract describes.
  case malformed
  /// The API is unknown or not offered.
  case unsupportedAPI = "unsupported_api"
}
