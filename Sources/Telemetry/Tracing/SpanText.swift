internal import OCRContract

/// Writes spans as OTLP in JSON: the protocol buffers of `ExportTraceServiceRequest` with their JSON names, ids as
/// hexadecimal digits and 64-bit numbers as texts (OpenTelemetry Protocol 1.x, "JSON Protobuf Encoding").
public struct SpanText: Sendable {
  private let head: [UInt8]
  private static let tail = Array("]}]}]}".utf8)

  /// Texts for spans of a process that describes itself so.
  public init(resource: [(name: String, value: String)], scope: String) {
    var writer = JSONWriter()
    writer.beginObject()
    writer.name("resourceSpans")
    writer.beginArray()
    writer.beginObject()
    writer.name("resource")
    writer.beginObject()
    writer.attributes(resource.map { ($0.name, .text($0.value)) })
    writer.endObject()
    writer.name("scopeSpans")
    writer.beginArray()
    writer.beginObject()
    writer.name("scope")
    writer.beginObject()
    writer.name("name")
    writer.string(scope)
    writer.endObject()
    writer.name("spans")
    writer.beginArray()
    head = writer.bytes
  }

  /// A whole request; `spans` are texts of ``text(of:)`` with commas between.
  public func request(_ spans: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(head.count + spans.count + Self.tail.count)
    bytes += head
    bytes += spans
    bytes += Self.tail
    return bytes
  }

  /// One span.
  public static func text(of span: Span) -> [UInt8] {
    var writer = JSONWriter(reserving: 768)
    writer.beginObject()
    writer.member("traceId", span.context.traceID.text)
    writer.member("spanId", span.context.spanID.text)
    if let state = span.traceState { writer.member("traceState", state) }
    if let parent = span.parent { writer.member("parentSpanId", parent.text) }
    writer.name("flags")
    writer.integer(flags(of: span))
    writer.member("name", span.name)
    writer.name("kind")
    writer.integer(span.kind.rawValue)
    writer.member("startTimeUnixNano", String(max(0, span.start)))
    writer.member("endTimeUnixNano", String(max(0, span.start, span.end)))
    writer.attributes(span.attributes)
    if let failure = span.failure {
      writer.name("status")
      writer.beginObject()
      writer.name("code")
      writer.integer(2)
      writer.member("message", failure)
      writer.endObject()
    }
    writer.endObject()
    return writer.bytes
  }

  /// The flags of the context, and above them that it is known whether the parent is remote, and whether it is.
  private static func flags(of span: Span) -> UInt32 {
    UInt32(span.context.flags) | 0x100 | (span.hasRemoteParent ? 0x200 : 0)
  }
}

extension JSONWriter {
  fileprivate mutating func member(_ name: String, _ text: String) {
    self.name(name)
    string(text)
  }

  fileprivate mutating func attributes(_ attributes: [(name: String, value: Span.Value)]) {
    name("attributes")
    beginArray()
    for attribute in attributes {
      beginObject()
      member("key", attribute.name)
      name("value")
      beginObject()
      switch attribute.value {
      case .text(let text): member("stringValue", text)
      case .whole(let number): member("intValue", String(number))
      }
      endObject()
      endObject()
    }
    endArray()
  }
}
