import OCRContract
import Telemetry
import Testing

struct SpanTextTests {
  private static func span(_ change: (inout Span) -> Void = { _ in }) throws -> Span {
    let context = try #require(TraceContext(parsing: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
    var span = Span(
      context: context, parent: SpanID(0xab), hasRemoteParent: true, traceState: "a=1", name: "process ocr.requests",
      kind: .consumer, start: 1_700_000_000_000_000_001, end: 1_700_000_000_000_000_005)
    change(&span)
    return span
  }

  private static func text(_ span: Span) -> String { String(decoding: SpanText.text(of: span), as: UTF8.self) }

  @Test func writesEveryFieldUnderItsNameOfTheProtocol() throws {
    let span = try Self.span {
      $0.add("ocr.api", "general-text")
      $0.add("missing", nil)
      $0.add("ocr.attempts", 2)
      $0.failure = "OCR_THROTTLED"
    }
    #expect(
      Self.text(span)
        == #"{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","traceState":"a=1","#
        + #""parentSpanId":"00000000000000ab","flags":769,"name":"process ocr.requests","kind":5,"#
        + #""startTimeUnixNano":"1700000000000000001","endTimeUnixNano":"1700000000000000005","attributes":["#
        + #"{"key":"ocr.api","value":{"stringValue":"general-text"}},"#
        + #"{"key":"ocr.attempts","value":{"intValue":"2"}}],"status":{"code":2,"message":"OCR_THROTTLED"}}"#)
  }

  @Test func leavesOutWhatThereIsNot() throws {
    let text = Self.text(
      try Self.span {
        ($0.parent, $0.hasRemoteParent, $0.traceState, $0.kind) = (nil, false, nil, .client)
      })
    #expect(!text.contains("parentSpanId") && !text.contains("traceState") && !text.contains("status"))
    #expect(text.contains(#""flags":257,"#) && text.contains(#""kind":3,"#))
  }

  @Test func neverEndsBeforeItBegan() throws {
    let text = Self.text(try Self.span { ($0.start, $0.end) = (7, -9) })
    #expect(text.contains(#""startTimeUnixNano":"7","endTimeUnixNano":"7""#))
  }

  @Test func aRequestIsOneDocument() throws {
    let hostile = try Self.span { $0.add("messaging.message.id", "\"},{\u{2028}\n\u{0}") }
    let parts = [SpanText.text(of: try Self.span()), SpanText.text(of: hostile)]
    let request = SpanText(resource: [("service.name", "ocr-relay")], scope: "ocr-relay")
      .request(parts[0] + [UInt8(ascii: ",")] + parts[1])
    let document = try JSONReader.read(request)
    let resource = try #require(document["resourceSpans"]?.elements?.first)
    #expect(resource["resource"]?["attributes"]?.elements?.first?["value"]?["stringValue"]?.text == "ocr-relay")
    let scope = try #require(resource["scopeSpans"]?.elements?.first)
    #expect(scope["scope"]?["name"]?.text == "ocr-relay")
    let spans = try #require(scope["spans"]?.elements)
    #expect(spans.count == 2)
    #expect(
      spans[1]["attributes"]?.elements?.first?["value"]?["stringValue"]?.text == "\"},{\u{2028}\n\u{0}")
  }
}
