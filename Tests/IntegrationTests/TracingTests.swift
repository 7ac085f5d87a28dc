import AMQP
import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// Spans for a collector, over the whole way: publisher, relay, OCR service, answer.
  @Suite struct TracingTests {
    private static let service = 3
    private static let consumer = 5

    private static func stage(_ collector: SpanCollector, _ more: [String: String] = [:]) async throws -> Stage {
      let settings = ["TRACES_OTLP_ENDPOINT": collector.url]
      return try await Stage.make(relay: settings.merging(more) { $1 })
    }

    private static func traced(_ traceparent: String?, _ request: Request = .picture()) -> Request {
      var request = request
      if let traceparent { request.properties.headers.append("traceparent", .string(traceparent)) }
      return request
    }

    private static func newTrace() -> String { UUID().uuidString.lowercased().filter { $0 != "-" } }

    @Test func aTraceGoesOnFromThePublisherToTheServiceAndTheAnswer() async throws {
      let collector = try SpanCollector()
      let stage = try await Self.stage(collector, ["TRACES_OTLP_HEADERS": "x-tenant=blue"])
      let mailbox = try await stage.mailbox()
      let trace = Self.newTrace()
      let silent = "00-\(Self.newTrace())-00f067aa0ba902b7-00"
      let unsampled = try await Self.traced(silent).ask(mailbox)
      let request = Self.traced("00-\(trace)-00f067aa0ba902b7-01")
      let reply = try await request.ask(mailbox)
      #expect(unsampled.headers.string("traceparent") == silent)

      // Had the first request made spans, they would have come before these.
      let delivery = try #require(await collector.deliveries.first { _ in true })
      #expect(delivery.head.hasPrefix("POST /v1/traces "))
      #expect(delivery.head.contains("Content-Type: application/json\r\n"))
      #expect(delivery.head.contains("x-tenant: blue\r\n"))
      let spans = try SpanCollector.spans(in: delivery.body)
      #expect(spans.map(\.kind) == [Self.service, Self.consumer])
      let (call, work) = (try #require(spans.first), try #require(spans.last))
      #expect(spans.allSatisfy { $0.traceID == trace && $0.failure == nil })
      #expect(work.parentID == "00f067aa0ba902b7" && work.name == "process ocr.requests")
      #expect(call.parentID == work.spanID && call.name == "POST general-text")
      #expect(work.nanoseconds >= call.nanoseconds && call.nanoseconds > 0)
      #expect(call.attributes["http.response.status_code"] == "200" && call.attributes["ocr.attempt"] == "1")
      #expect(work.attributes["ocr.outcome"] == "result" && work.attributes["ocr.api"] == "general-text")
      #expect(work.attributes["messaging.message.id"] == request.properties.messageID)
      #expect(reply.headers.string("traceparent") == work.traceparent)
      #expect(try await stage.sandbox.calls(of: "general-text").map(\.traceparent) == [silent, call.traceparent])
    }

    @Test func failuresAndRetriesAreOneTraceThatTellsCodesAlone() async throws {
      let collector = try SpanCollector()
      let stage = try await Self.stage(collector)
      let mailbox = try await stage.mailbox()
      let secret = "what-the-service-says-of-the-picture"
      for fault in [
        #"{"kind":"status","status":503,"code":"ModelArts.4302","message":"\#(secret)","times":1}"#,
        #"{"kind":"status","status":400,"code":"AIS.0104","message":"\#(secret)","times":1}"#,
      ] {
        try await stage.sandbox.add(fault: fault)
      }
      let reply = try await Self.traced(nil).ask(mailbox)
      #expect(reply.properties.type == MessageType.error)
      var spans: [SpanCollector.Span] = []
      for await delivery in collector.deliveries {
        spans += try SpanCollector.spans(in: delivery.body)
        let text = String(decoding: delivery.body, as: UTF8.self)
        #expect(!text.contains(secret) && !text.contains(Sandbox.password) && !text.contains(Sandbox.project))
        if spans.count >= 4 { break }
      }
      #expect(spans.map(\.kind) == [Self.service, Self.consumer, Self.service, Self.consumer])
      #expect(Set(spans.map(\.traceID)).count == 1, "the retry belongs to the trace that the first delivery began")
      #expect(spans.map { $0.attributes["http.response.status_code"] } == ["503", nil, "400", nil])
      #expect(spans[1].parentID == nil && spans[3].parentID == spans[1].spanID)
      #expect(spans[1].attributes["ocr.outcome"] == "retry" && spans[3].attributes["ocr.outcome"] == "error")
      #expect(spans[3].failure == "OCR_BACKEND_REJECTED_IMAGE")
      #expect(spans[2].attributes["ocr.backend.code"] == "AIS.0104")
      #expect(reply.headers.string("traceparent") == spans[3].traceparent)
      let letter = try await stage.take(from: "ocr.dead.unsupported_image", reply.properties.correlationID ?? "")
      #expect(letter.headers.string("traceparent") == spans[1].traceparent)
    }

    @Test func withoutASampleNothingIsTraced() async throws {
      let collector = try SpanCollector()
      let stage = try await Self.stage(collector, ["TRACES_SAMPLE_PERCENT": "0"])
      let mailbox = try await stage.mailbox()
      #expect(try await Self.traced(nil).ask(mailbox).headers.string("traceparent") == nil)
      let trace = Self.newTrace()
      _ = try await Self.traced("00-\(trace)-00f067aa0ba902b7-01").ask(mailbox)
      #expect(try await collector.spans(2).map(\.traceID) == [trace, trace])
    }

    @Test func spansAreSentAgainAndBeforeTheEnd() async throws {
      let collector = try SpanCollector(answering: [503])
      let stage = try await Self.stage(collector)
      let mailbox = try await stage.mailbox()
      _ = try await Request.picture().ask(mailbox)
      #expect(try await collector.spans(2).count == 2)
      _ = try await stage.relay.log("the collector does not take spans")
      _ = try await Request.picture().ask(mailbox)
      #expect(await stage.relay.process.terminate() == .code(0))
      // The first two again, and those of the second request, which had no time to wait.
      #expect(try await collector.spans(4).count == 4)
    }

    @Test func aCollectorThatRefusesDelaysNothing() async throws {
      let collector = try SpanCollector(answering: Array(repeating: 400, count: 1_000))
      let stage = try await Self.stage(collector, HealthProbe.setting)
      let probe = try await HealthProbe(of: stage.relay)
      let mailbox = try await stage.mailbox()
      for _ in 0..<3 {
        #expect(try await Request.picture().ask(mailbox).properties.type == MessageType.result)
      }
      #expect(try await collector.spans(6).count == 6)
      _ = try await stage.relay.log("it answered 400")
      #expect(try await probe.metric("ocr_relay_exported_spans_total") == "0")
      #expect(await stage.relay.process.terminate() == .code(0))
    }
  }
}
