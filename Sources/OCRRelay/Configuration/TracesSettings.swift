public import RelayCore

/// Spans for an OpenTelemetry collector.
public struct TracesSettings: Sendable, Equatable {
  /// Address of the collector, for OTLP over HTTP; nil: no spans are made.
  public var otlpEndpoint: String?
  /// Headers of requests to it, `name=value` with commas between; empty: none.
  public var otlpHeaders = Secret("")
  /// A file of PEM certificates that are trusted for it instead of the system's.
  public var caFile: String?
  /// Of a hundred requests without trace context, those that get a trace.
  public var samplePercent = 100
  /// What traces call the service.
  public var serviceName = "ocr-relay"

  /// Names and values of ``otlpHeaders``; nil when they are not written so.
  var headers: [(name: String, value: String)]? {
    var headers: [(name: String, value: String)] = []
    for part in otlpHeaders.reveal().split(separator: ",") {
      let halves = part.split(separator: "=", maxSplits: 1)
      guard halves.count == 2 else { return nil }
      headers.append((Self.trimmed(halves[0]), Self.trimmed(halves[1])))
    }
    return headers
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  /// Where spans go.
  var url: String? {
    otlpEndpoint.map { $0.hasSuffix(Self.path) ? $0 : $0 + Self.path }
  }

  private static let path = "/v1/traces"
}
