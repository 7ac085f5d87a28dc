import CoreMetrics
import Telemetry
import Testing

struct LibraryMetricsTests {
  private func text(_ metrics: LibraryMetrics) -> String {
    var text = PrometheusText()
    metrics.write(to: &text)
    return text.text
  }

  @Test func librariesReportEveryKind() {
    let metrics = LibraryMetrics()
    let counter = metrics.makeCounter(label: "hb.requests", dimensions: [("http.route", "/livez")])
    counter.increment(by: 2)
    metrics.makeCounter(label: "hb.requests", dimensions: [("http.route", "/livez")]).increment(by: 1)
    metrics.makeTimer(label: "http.time", dimensions: []).recordNanoseconds(1_500_000_000)
    metrics.makeMeter(label: "active", dimensions: []).set(7 as Int64)
    metrics.makeRecorder(label: "size", dimensions: [], aggregate: true).record(2.5)
    let text = text(metrics)
    #expect(text.contains("hb_requests_total{http_route=\"/livez\"} 3\n"))
    #expect(text.contains("# TYPE http_time_seconds summary\nhttp_time_seconds_sum 1.5\nhttp_time_seconds_count 1\n"))
    #expect(text.contains("active 7\n"))
    #expect(text.contains("size_sum 2.5\nsize_count 1\n"))
    metrics.destroyCounter(counter)
    #expect(!self.text(metrics).contains("hb_requests_total"))
  }

  @Test func seriesAreBounded() {
    let metrics = LibraryMetrics(seriesLimit: 3)
    for number in 0..<10 { metrics.makeCounter(label: "a", dimensions: [("n", "\(number)")]).increment(by: 1) }
    let text = text(metrics)
    #expect(text.split(separator: "\n").filter { $0.hasPrefix("a_total{") }.count == 3)
    #expect(text.contains("ocr_relay_library_series_dropped_total 7\n"))
  }

  @Test func foreignNamesAndValuesCannotBreakTheText() {
    let metrics = LibraryMetrics()
    let long = String(repeating: "x", count: 1000)
    metrics.makeCounter(label: "1 bad\nname", dimensions: [("l\"", "v\n" + long)]).increment(by: .max)
    let text = text(metrics)
    #expect(text.contains("_1_bad_name_total{l_=\"v\\nxxx"))
    #expect(!text.contains(String(repeating: "x", count: 65)))
  }

  @Test func aNameKeepsItsFirstKind() {
    let metrics = LibraryMetrics()
    metrics.makeMeter(label: "a", dimensions: []).set(1.0)
    metrics.makeRecorder(label: "a", dimensions: [("b", "c")], aggregate: true).record(2.0)
    #expect(!text(metrics).contains("a_sum"))
  }
}
