import OCRContract
import Testing

/// Pins every string of the wire contract: publishers out there rely on them.
struct WireNamesTests {
  @Test func errorCodes() {
    let golden = """
      OCR_BODY_EMPTY malformed
      OCR_BODY_NOT_JSON malformed
      OCR_BODY_TOO_LARGE invalid_request
      OCR_CONTENT_TYPE malformed
      OCR_CONTENT_ENCODING malformed
      OCR_HEADER_INVALID malformed
      OCR_OPTIONS_INVALID invalid_request
      OCR_DEADLINE_INVALID malformed
      OCR_DEADLINE_EXCEEDED deadline_exceeded
      OCR_API_MISSING unsupported_api
      OCR_UNKNOWN_API unsupported_api
      OCR_API_NOT_IN_REGION unsupported_api
      OCR_API_DISABLED unsupported_api
      OCR_IMAGE_MISSING invalid_request
      OCR_IMAGE_AND_URL invalid_request
      OCR_IMAGE_NOT_BASE64 unsupported_image
      OCR_IMAGE_FORMAT unsupported_image
      OCR_IMAGE_DAMAGED unsupported_image
      OCR_IMAGE_TOO_LARGE unsupported_image
      OCR_IMAGE_TOO_SMALL unsupported_image
      OCR_URL_INVALID invalid_request
      OCR_URL_FORBIDDEN invalid_request
      OCR_SOURCE_DOWNLOAD_FAILED source_download_failed
      OCR_REPLY_INVALID reply_forbidden
      OCR_REPLY_FORBIDDEN reply_forbidden
      OCR_REPLY_UNROUTABLE unroutable
      OCR_BACKEND_REJECTED_REQUEST invalid_request
      OCR_BACKEND_REJECTED_IMAGE unsupported_image
      OCR_BACKEND_FAILED upstream_failure
      OCR_BACKEND_TIMEOUT upstream_timeout
      OCR_BACKEND_ANSWER_INVALID upstream_failure
      OCR_BACKEND_ANSWER_TOO_LARGE upstream_failure
      OCR_THROTTLED quota_or_throttled
      OCR_QUOTA_EXHAUSTED quota_or_throttled
      OCR_BACKEND_UNREACHABLE upstream_failure
      OCR_BACKEND_CONNECT_TIMEOUT upstream_timeout
      OCR_BACKEND_CONNECTION_LOST upstream_failure
      OCR_BACKEND_TLS_FAILED auth_misconfigured
      OCR_BACKEND_REDIRECTED auth_misconfigured
      OCR_CALL_CANCELLED upstream_failure
      OCR_AUTH_EXPIRED auth_expired
      OCR_AUTH_MISCONFIGURED auth_misconfigured
      OCR_PERMISSION_DENIED permission_denied
      OCR_NOT_SUBSCRIBED not_subscribed
      OCR_POISON poison
      """
    let actual = ErrorCode.allCases.map { "\($0.rawValue) \($0.errorClass.rawValue)" }.joined(separator: "\n")
    #expect(actual == golden)
  }

  @Test func errorClasses() {
    let golden = """
      invalid_request 400 false ocr.dead.invalid_request
      unsupported_image 415 false ocr.dead.unsupported_image
      source_download_failed 424 true ocr.dead.source_download_failed
      auth_expired 502 true ocr.dead.auth_expired
      auth_misconfigured 502 false ocr.dead.auth_misconfigured
      permission_denied 502 false ocr.dead.permission_denied
      not_subscribed 502 false ocr.dead.not_subscribed
      quota_or_throttled 429 true ocr.dead.quota_or_throttled
      upstream_failure 502 true ocr.dead.upstream_failure
      upstream_timeout 504 true ocr.dead.upstream_timeout
      deadline_exceeded 408 false -
      poison 500 false ocr.dead.poison
      unroutable 410 false -
      reply_forbidden 403 false ocr.dead.reply_forbidden
      malformed 400 false ocr.dead.malformed
      unsupported_api 404 false ocr.dead.unsupported_api
      """
    let actual = ErrorClass.allCases.map {
      "\($0.rawValue) \($0.status) \($0.isRetryable) \($0.deadLetterQueue ?? "-")"
    }
    #expect(actual.joined(separator: "\n") == golden)
    #expect(QueueName.dead.count == 14)
    for errorClass in ErrorClass.allCases { #expect(errorClass.problemType == "urn:ocr:error:\(errorClass.rawValue)") }
  }

  @Test func textsForPeople() {
    for code in ErrorCode.allCases {
      #expect(code.advice.hasSuffix(".") && !code.advice.contains("\n") && code.advice.utf8.count <= 120, "\(code)")
    }
    #expect(Set(ErrorCode.allCases.map(\.advice)).count == ErrorCode.allCases.count)
    #expect(Set(ErrorClass.allCases.map(\.title)).count == ErrorClass.allCases.count)
  }

  @Test func namesOfTheTopology() {
    #expect(ExchangeName.requests == "ocr.requests")
    #expect(ExchangeName.results == "ocr.results")
    #expect(ExchangeName.retry == "ocr.retry")
    #expect(ExchangeName.retryIn == "ocr.retry-in")
    #expect(ExchangeName.dead == "ocr.dead")
    #expect(ExchangeName.unroutable == "ocr.unroutable")
    #expect(QueueName.requests == "ocr.requests")
    #expect(QueueName.unroutable == "ocr.unroutable")
    #expect(QueueName.parked == "ocr.parked")
    #expect(QueueName.deadLetterLock == "ocr.dead-lock")
    #expect([QueueName.parked, QueueName.deadLetterLock].allSatisfy(QueueName.isReserved))
    #expect(MessageType.result == "ocr.result.v1")
    #expect(MessageType.error == "ocr.error.v1")
    #expect(MessageType.outcome == "ocr.outcome.v1")
    #expect(
      RetryLevel.allCases.map(\.queue)
        == ["ocr.retry.2s", "ocr.retry.10s", "ocr.retry.1m", "ocr.retry.10m", "ocr.retry.1h"])
    #expect(RetryLevel.allCases.map(\.delay.components.seconds) == [2, 10, 60, 600, 3600])
    #expect(RetryLevel.allCases == RetryLevel.allCases.sorted())
  }

  @Test(arguments: [
    (0, RetryLevel.twoSeconds), (2, .twoSeconds), (3, .tenSeconds), (60, .oneMinute), (61, .tenMinutes),
    (3600, .oneHour), (90_000, .oneHour),
  ])
  func shortestCoveringLevel(_ seconds: Int, _ level: RetryLevel) {
    #expect(RetryLevel.covering(.seconds(seconds)) == level)
  }

  @Test func headers() {
    let golden = """
      ocr-options ocr-deadline traceparent tracestate ocr-api ocr-attempts ocr-backend ocr-duration-ms ocr-request-id \
      ocr-billed ocr-derived-id ocr-error-code ocr-error-class ocr-error-message ocr-first-failed-at \
      ocr-last-failed-at ocr-origin-exchange ocr-origin-routing-key ocr-origin-queue ocr-origin-user ocr-not-before \
      ocr-backend-code ocr-replay-count ocr-history ocr-outcome-to ocr-replay-id
      """
    #expect(HeaderName.allCases.map(\.rawValue).joined(separator: " ") == golden)
    #expect(HeaderName.allCases.allSatisfy { !$0.rawValue.hasPrefix("x-") })
  }

  @Test(
    arguments: [
      ("application/json", ContentType.json), ("Application/JSON; charset=utf-8", .json), (" image/png ", .png),
      ("image/jpeg;q=1", .jpeg), ("text/plain", nil), ("", nil), (" ", nil), (";", nil), ("image/", nil),
    ] as [(String, ContentType?)])
  func contentTypes(_ header: String, _ type: ContentType?) {
    #expect(ContentType(header: header) == type)
  }

  @Test func deadLetterHeadersStaySmall() {
    let long = String(repeating: "错", count: 5000)
    let headers = DeadLetterHeaders(
      errorCode: .imageTooLarge, errorMessage: long, attempts: 3, firstFailedAt: 1, lastFailedAt: 2,
      originExchange: long, originRoutingKey: long, originQueue: long, backend: long, backendCode: long,
      originUser: long)
    var size = 0
    for field in headers.fields {
      size += field.name.rawValue.utf8.count
      switch field.value {
      case .text(let text):
        #expect(text.utf8.count <= DeadLetterHeaders.maximumTextBytes)
        #expect(!text.unicodeScalars.contains("\u{FFFD}"))
        size += text.utf8.count
      case .integer: size += 8
      }
    }
    #expect(size < 4096)
    #expect(Set(headers.fields.map(\.name)).count == 13)
  }
}
