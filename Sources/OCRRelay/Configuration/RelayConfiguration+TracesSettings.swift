extension RelayConfiguration {
  /// The settings of the section `traces`.
  static let tracesSettings: [Setting] = [
    Setting(
      "traces", "otlp_endpoint", \.traces.otlpEndpoint, .optionalAddress(example: "http://127.0.0.1:4318"),
      "Address of the collector, OTLP over HTTP with JSON; /v1/traces follows by itself. Empty: no spans are made.\n"
        + "Trace context of publishers is passed on either way."),
    Setting(
      "traces", "otlp_headers", \.traces.otlpHeaders, .secret("name=value, name=value"),
      "Headers for the collector, such as authorization=Bearer ...; several with commas between. Empty: none."),
    Setting(
      "traces", "ca_file", \.traces.caFile, .optionalText("the name of a PEM file", example: "/etc/ocr-relay/ca.pem"),
      "Authorities for an https collector; empty: those of the system."),
    Setting(
      "traces", "sample_percent", \.traces.samplePercent, .whole(0...100, example: 10),
      "Of a hundred requests without trace context, those that get a trace. With it, its sampled flag decides."),
    Setting(
      "traces", "service_name", \.traces.serviceName, .text("the name of a service", example: "ocr-relay"),
      "What traces call this service."),
  ]
}
