internal import EventLoop
internal import OCRContract
internal import RelayCore
internal import Telemetry

/// The spans of one delivery: its own, and one for each call. They tell names, codes, sizes and times; never bodies,
/// recognised text, addresses or credentials.
///
/// Isolation: not `Sendable`; belongs to its flow's loop.
final class RequestTrace {
  private let tracer: Tracer
  private let context: TraceContext
  private let parent: SpanID?
  private let traceState: String?
  private let arrivedAt: MonotonicInstant
  private let start = WallClock.nanoseconds()
  private let messageID: String
  private let bytes: Int
  private var call: (spanID: SpanID, startedAt: MonotonicInstant)?
  private var outcome = "unfinished"
  private var failure: String?

  init(
    tracer: Tracer, context: TraceContext, parent: SpanID?, traceState: String?, arrivedAt: MonotonicInstant,
    messageID: String, bytes: Int
  ) {
    self.tracer = tracer
    self.context = context
    self.parent = parent
    self.traceState = traceState
    self.arrivedAt = arrivedAt
    self.messageID = messageID
    self.bytes = bytes
  }

  // MARK: Calls

  /// A call begins; the service is told its span.
  func calling(_ request: IncomingRequest, at now: MonotonicInstant) -> IncomingRequest {
    var own = context
    own.spanID = tracer.newSpanID()
    call = (own.spanID, now)
    var request = request
    request.traceparent = own.text
    return request
  }

  /// The call has ended.
  func called(_ answer: OCRBackend.Answer, _ plan: RequestPlan, attempt: Int, at now: MonotonicInstant) {
    guard let call else { return }
    self.call = nil
    var own = context
    own.spanID = call.spanID
    var span = Span(
      context: own, parent: context.spanID, hasRemoteParent: false, traceState: traceState,
      name: "POST \(plan.api.name)", kind: .client, start: time(call.startedAt), end: time(now))
    span.add("http.request.method", "POST")
    if let status = answer.status { span.add("http.response.status_code", status) }
    span.add("ocr.api", plan.api.name)
    span.add("ocr.attempt", attempt)
    span.add("ocr.backend.request_id", answer.requestID?.prefix(utf8Bytes: Self.maximumIDBytes))
    if case .failure(let failure) = answer.outcome {
      span.failure = failure.code.rawValue
      span.add("error.type", failure.code.rawValue)
      span.add("ocr.backend.code", failure.backend.code?.prefix(utf8Bytes: Self.maximumIDBytes))
    }
    tracer.exporter.record(span)
  }

  private static let maximumIDBytes = 128

  // MARK: The delivery

  /// Remembers how the delivery is about to end.
  func note(_ action: RequestMachine.Action) {
    switch action {
    case .publishResult: (outcome, failure) = ("result", nil)
    case .publishFailure(let failure), .publishDeadLetter(let failure), .parkFailure(let failure):
      (outcome, self.failure) = ("error", failure.code.rawValue)
    case .publishRetry: (outcome, failure) = ("retry", nil)
    case .postpone(_, _, let failure): (outcome, self.failure) = ("retry", failure.code.rawValue)
    case .none, .askForResult, .requestToken, .takePermit, .call, .parkReply, .publishAgain, .acknowledge: break
    }
  }

  /// The connection is gone; the broker delivers the request again, which makes another span of the same parent.
  func lost(_ flow: RequestFlow, at now: MonotonicInstant) {
    (outcome, failure) = ("lost", "delivery_lost")
    ended(flow, at: now)
  }

  /// The delivery is acknowledged.
  func ended(_ flow: RequestFlow, at now: MonotonicInstant) {
    var span = Span(
      context: context, parent: parent, hasRemoteParent: parent != nil, traceState: traceState,
      name: "process \(flow.queue)", kind: .consumer, start: start, end: time(now))
    span.add("messaging.system", "rabbitmq")
    span.add("messaging.operation.type", "process")
    span.add("messaging.operation.name", "process")
    span.add("messaging.destination.name", flow.queue)
    span.add("messaging.message.id", messageID)
    span.add("messaging.message.body.size", bytes)
    span.add("ocr.api", flow.plan?.api.name)
    span.add("ocr.attempts", flow.machine.attempts)
    span.add("ocr.outcome", outcome)
    span.add("error.type", failure)
    span.failure = failure
    tracer.exporter.record(span)
  }

  /// By the monotonic clock from the arrival on, so that no span ends before it began.
  private func time(_ instant: MonotonicInstant) -> Int64 {
    start &+ (instant - arrivedAt).saturatingNanoseconds
  }
}
