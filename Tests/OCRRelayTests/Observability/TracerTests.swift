import Logging
import OCRContract
import Telemetry
import Testing

@testable import EventLoop
@testable import OCRRelay

/// Which deliveries are traced, and what they carry from then on. Nothing is sent: no loop runs.
struct TracerTests {
  private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"

  private let tracer: Tracer

  init() throws { tracer = try Self.tracer(samplePercent: 100) }

  private static func tracer(samplePercent: Int) throws -> Tracer {
    var settings = TracesSettings()
    settings.otlpEndpoint = "http://127.0.0.1:9"
    let exporter = try SpanExporter(
      settings, reactor: Reactor(), pool: BufferPool(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    return Tracer(exporter: try #require(exporter), samplePercent: samplePercent, random: TestRandom(seed: 1))
  }

  private func begin(
    _ tracer: Tracer? = nil, _ change: (inout SampleDelivery) -> Void = { _ in }
  ) -> (request: IncomingRequest, isTraced: Bool) {
    var sample = SampleDelivery()
    change(&sample)
    let delivery = sample.make()
    var request = IncomingRequest(reading: delivery, now: 0)
    let trace = (tracer ?? self.tracer).begin(&request, delivery, arrivedAt: .now())
    return (request, trace != nil)
  }

  @Test func goesOnWithASampledTrace() throws {
    let (request, isTraced) = begin {
      $0.header(.traceparent, Self.parent + "1")
      $0.header(.tracestate, "vendor=1")
    }
    let context = try #require(request.traceparent.flatMap { TraceContext(parsing: $0) })
    #expect(isTraced && context.isSampled && !context.isRandom)
    #expect(context.traceID.text == "0af7651916cd43dd8448eb211c80319c")
    #expect(context.spanID.text != "b7ad6b7169203331")
    #expect(request.tracestate == "vendor=1")
  }

  @Test func leavesWhatIsNotSampledAsItCame() {
    let (request, isTraced) = begin { $0.header(.traceparent, Self.parent + "0") }
    #expect(!isTraced && request.traceparent == Self.parent + "0")
  }

  @Test(arguments: [nil, "", "nonsense", "00-00000000000000000000000000000000-b7ad6b7169203331-01"])
  func beginsATraceWhereThereIsNone(_ text: String?) throws {
    let (request, isTraced) = begin {
      if let text { $0.header(.traceparent, text) }
      $0.header(.tracestate, "vendor=1")
    }
    let context = try #require(request.traceparent.flatMap { TraceContext(parsing: $0) })
    #expect(isTraced && context.isSampled && context.isRandom)
    #expect(request.tracestate == nil, "it belonged to another context")
  }

  @Test func keepsToTheShareOfTraces() throws {
    let tenth = try Self.tracer(samplePercent: 10)
    let traced = (0..<2_000).count { _ in begin(tenth).isTraced }
    #expect((120...280).contains(traced), "\(traced)")
    let none = try Self.tracer(samplePercent: 0)
    #expect(!(0..<200).contains { _ in begin(none).isTraced })
    #expect(begin(none) { $0.header(.traceparent, Self.parent + "1") }.isTraced, "the flag decides where there is one")
  }

  @Test(arguments: [
    (200, nil, "{}", SpanExport.Answer.taken(rejected: 0)), (200, nil, "", .taken(rejected: 0)),
    (202, nil, "not JSON", .taken(rejected: 0)),
    (200, nil, #"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"no"}}"#, .taken(rejected: 3)),
    (200, nil, #"{"partialSuccess":{"rejectedSpans":4}}"#, .taken(rejected: 4)),
    (200, nil, #"{"partialSuccess":{"rejectedSpans":"-1"}}"#, .taken(rejected: -1)),
    (429, "7", "", .tryAgain(after: .seconds(7))), (503, "soon", "", .tryAgain(after: nil)),
    (502, "-5", "", .tryAgain(after: .zero)), (504, nil, "", .tryAgain(after: nil)), (400, nil, "", .refused),
    (404, "1", "", .refused), (500, nil, "", .refused), (301, nil, "", .refused),
  ])
  func answersMeanWhatTheProtocolSays(
    _ status: Int, _ retryAfter: String?, _ body: String, _ answer: SpanExport.Answer
  ) {
    #expect(CollectorAnswer.meaning(status: status, retryAfter: retryAfter, body: Array(body.utf8)) == answer)
  }
}
