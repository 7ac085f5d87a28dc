/// Which span a message or call belongs to, as the header `traceparent` says it (W3C Trace Context, level 2).
public struct TraceContext: Sendable, Equatable {
  /// The trace.
  public var traceID: TraceID
  /// The span that sent the header.
  public var spanID: SpanID
  /// Whether the trace is recorded.
  public var isSampled: Bool
  /// Whether the trace's name is drawn from chance alone, so that others may sample by it.
  public var isRandom: Bool

  /// Names a span.
  public init(traceID: TraceID, spanID: SpanID, isSampled: Bool, isRandom: Bool = false) {
    self.traceID = traceID
    self.spanID = spanID
    self.isSampled = isSampled
    self.isRandom = isRandom
  }

  /// Reads the header; nil when it is malformed, which means that a new trace begins. Of later versions the part that
  /// every version has is read.
  public init?(parsing text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= Self.length, [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }),
      let version = HexDigits.number(bytes[0..<2]), version != 0xFF,
      version == 0 ? bytes.count == Self.length : bytes.count == Self.length || bytes[Self.length] == UInt8(ascii: "-"),
      let high = HexDigits.number(bytes[3..<19]), let low = HexDigits.number(bytes[19..<35]),
      let traceID = TraceID(high: high, low: low),
      let spanID = HexDigits.number(bytes[36..<52]).flatMap({ SpanID($0) }),
      let flags = HexDigits.number(bytes[53..<55])
    else { return nil }
    self.init(traceID: traceID, spanID: spanID, isSampled: flags & 1 != 0, isRandom: flags & 2 != 0)
  }

  /// Bytes of a header of version 00.
  private static let length = 55

  /// The flags that are passed on.
  public var flags: UInt8 { (isSampled ? 1 : 0) | (isRandom ? 2 : 0) }

  /// The header, of version 00.
  public var text: String { "00-\(traceID.text)-\(spanID.text)-0\(flags)" }
}
