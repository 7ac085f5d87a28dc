import RelayCore
import Testing

@testable import OCRRelay

struct TracesSettingsTests {
  @Test func headersAreWrittenAsOpenTelemetryWritesThem() {
    var traces = TracesSettings()
    #expect(traces.headers?.isEmpty == true)
    traces.otlpHeaders = Secret("authorization=Bearer a=b , x-tenant = blue")
    #expect(traces.headers?.map(\.name) == ["authorization", "x-tenant"])
    #expect(traces.headers?.map(\.value) == ["Bearer a=b", "blue"])
    traces.otlpHeaders = Secret("authorization")
    #expect(traces.headers == nil)
  }

  @Test(arguments: [
    ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/traces"),
    ("https://collector.example.com/otlp", "https://collector.example.com/otlp/v1/traces"),
    ("https://collector.example.com/v1/traces", "https://collector.example.com/v1/traces"),
  ])
  func spansGoToTheirPath(_ written: String, _ url: String) throws {
    var loader = ConfigurationLoader()
    loader.read(yaml: Array("traces: { otlp_endpoint: \"\(written)\" }".utf8), path: "relay.yaml")
    #expect(loader.configuration.traces.url == url)
  }

  @Test func nothingIsTracedUnlessACollectorIsNamed() {
    #expect(RelayConfiguration().traces.url == nil)
  }

  @Test(arguments: [
    ("https://c.example.com", "authorization", "is not written as name=value"),
    ("https://c.example.com", "a b=c", "holds a name or value that no header may have"),
    ("http://c.example.com", "authorization=token", "is not encrypted"),
    ("http://127.0.0.1:4318", "authorization=token", nil), ("http://c.example.com", "", nil),
  ])
  func wrongValuesAreExplained(_ endpoint: String, _ headers: String, _ problem: String?) {
    let found = problems(
      inFile: "traces: { otlp_endpoint: \"\(endpoint)\" }",
      environment: headers.isEmpty ? [:] : ["OCR_RELAY_TRACES_OTLP_HEADERS": headers])
    #expect(found.count == (problem == nil ? 0 : 1), "\(found)")
    if let problem { #expect(found.first?.contains(problem) == true, "\(found)") }
    #expect(!found.contains { $0.contains("token") })
  }
}
