internal import Telemetry

extension RelayMetrics {
  /// All metrics as a page of documentation.
  public static var documentation: String {
    var lines = [
      "# Metrics",
      "",
      "What `/metrics` of a relay offers, in the Prometheus text format (`http.listen` opens the port). Counters begin",
      "at zero with the process. Made by `ocr-relay check-config --print-metrics`.",
      "",
      "| metric | type | labels | meaning |",
      "|---|---|---|---|",
    ]
    lines += families.map(row) + ProcessUsage.families.map(row)
    lines += [
      "",
      "`code` and `class` are those of `ocr-relay errors`, `api` is an API of the catalogue. Histograms have the buckets",
      Histogram.bounds.map { "\($0)" }.joined(separator: ", ") + " seconds.",
      "",
      "Libraries add theirs, `hb_requests_total` and `http_server_request_duration_seconds` of the HTTP port for example;",
      "`ocr_relay_library_series_dropped_total` says how many of them were too many.",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func row<Source>(_ family: MetricFamily<Source>) -> String {
    "| `\(family.name)` | \(family.kind.rawValue) | \(family.labels.joined(separator: ", ")) | \(family.help) |"
  }
}
