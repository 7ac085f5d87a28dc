/// The message headers of the wire contract. None begins with `x-`: those belong to the broker.
public enum HeaderName: String, CaseIterable, Sendable {
  // Requests.

  /// Parameters of the API as a JSON object, for requests whose body is the raw image.
  case options = "ocr-options"
  /// Milliseconds since 1970; after it no paid call is made.
  case deadline = "ocr-deadline"
  /// W3C trace context.
  case traceparent = "traceparent"
  /// W3C trace context, the vendor part.
  case tracestate = "tracestate"

  // Replies.

  /// The API that was called.
  case api = "ocr-api"
  /// Attempts made, the first included.
  case attempts = "ocr-attempts"
  /// Name of the OCR service that answered.
  case backend = "ocr-backend"
  /// Milliseconds from delivery to answer.
  case durationMilliseconds = "ocr-duration-ms"
  /// Request id of the OCR service.
  case requestID = "ocr-request-id"
  /// `true`, `false` or `unknown`, see ``Billed``.
  case billed = "ocr-billed"
  /// The derived id of a request without `message_id`, whose duplicates are therefore recognised less surely.
  case derivedID = "ocr-derived-id"

  // Dead letters.

  /// Our stable code, see ``ErrorCode``.
  case errorCode = "ocr-error-code"
  /// See ``ErrorClass``.
  case errorClass = "ocr-error-class"
  /// One short sentence.
  case errorMessage = "ocr-error-message"
  /// Milliseconds since 1970 of the first failed attempt.
  case firstFailedAt = "ocr-first-failed-at"
  /// Milliseconds since 1970 of the last failed attempt.
  case lastFailedAt = "ocr-last-failed-at"
  /// The exchange the request came through.
  case originExchange = "ocr-origin-exchange"
  /// The routing key the request came with.
  case originRoutingKey = "ocr-origin-routing-key"
  /// The queue the request was taken from.
  case originQueue = "ocr-origin-queue"
  /// On dead letters, retries and replays: the publisher that the broker had proven; the relay believes it only through
  /// its own retry exchange.
  case originUser = "ocr-origin-user"
  /// On retries only: milliseconds since 1970 before which no call is made, when the OCR service demanded a longer wait
  /// than a retry level has; believed only through the relay's own retry exchange.
  case notBefore = "ocr-not-before"
  /// The code of the OCR service, as it sent it.
  case backendCode = "ocr-backend-code"
  /// How often the dead letter was replayed.
  case replayCount = "ocr-replay-count"
  /// On what was replayed: earlier failures, the latest last, each as `<code>@<milliseconds since 1970>`, with spaces
  /// between.
  case history = "ocr-history"

  // Replays.

  /// A queue for a short notice of how the request ended, see ``OutcomeNotice``; obeyed under the same rules as
  /// `reply_to`, and ignored where those forbid it.
  case outcomeTo = "ocr-outcome-to"
  /// What the notice repeats as its correlation id.
  case replayID = "ocr-replay-id"
}
