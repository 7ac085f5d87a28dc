internal import AMQP
internal import EventLoop
internal import Telemetry

/// Begins traces, or goes on with those of publishers.
///
/// Isolation: not `Sendable`; belongs to its loop. Without a collector there is none, and nothing is done for tracing.
final class Tracer {
  let exporter: SpanExporter
  private let samplePercent: Int
  private var random: any RandomNumberGenerator

  init(exporter: SpanExporter, samplePercent: Int, random: any RandomNumberGenerator = SystemRandomNumberGenerator()) {
    self.exporter = exporter
    self.samplePercent = samplePercent
    self.random = random
  }

  /// The trace of a delivery; nil when it is not recorded. From then on the request carries the context of its own span,
  /// which answers and copies pass on. A context that says "not sampled" stays as it came.
  func begin(_ request: inout IncomingRequest, _ delivery: Delivery, arrivedAt: MonotonicInstant) -> RequestTrace? {
    let parent = request.traceparent.flatMap { TraceContext(parsing: $0) }
    guard parent?.isSampled ?? drawsSample() else { return nil }
    // The state belongs to its context: without one it means nothing.
    if parent == nil { request.tracestate = nil }
    let context = TraceContext(
      traceID: parent?.traceID ?? TraceID.random(using: &random), spanID: newSpanID(), isSampled: true,
      isRandom: parent?.isRandom ?? true)
    request.traceparent = context.text
    return RequestTrace(
      tracer: self, context: context, parent: parent?.spanID, traceState: request.tracestate, arrivedAt: arrivedAt,
      messageID: request.messageID, bytes: delivery.body.count)
  }

  func newSpanID() -> SpanID { SpanID.random(using: &random) }

  private func drawsSample() -> Bool { Int.random(in: 0..<100, using: &random) < samplePercent }
}
