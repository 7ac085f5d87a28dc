import Telemetry
import Testing

struct PrometheusTextTests {
  private struct Source {
    var count = 3
    var left: Int?
    var time = Histogram()
  }

  private func text(_ family: MetricFamily<Source>, _ source: Source = Source()) -> String {
    var text = PrometheusText()
    text.add(family, of: source)
    return text.text
  }

  @Test func counterHasHelpTypeAndValue() {
    #expect(
      text(.counter("a_total", "Things\\done.\nAll.") { $0.count })
        == "# HELP a_total Things\\\\done.\\nAll.\n# TYPE a_total counter\na_total 3\n")
  }

  @Test func nothingIsWrittenWithoutAValue() {
    #expect(text(.gauge("left_seconds", "Rest.") { $0.left }).isEmpty)
  }

  @Test func labelsAreEscaped() {
    let family = MetricFamily<Source>("a", .gauge, "A.", labels: ["x"]) { _ in
      [MetricSample(.decimal(0.5), labels: [("x", "a\"b\\c\nd")])]
    }
    #expect(text(family).hasSuffix("a{x=\"a\\\"b\\\\c\\nd\"} 0.5\n"))
  }

  @Test func histogramIsCumulative() {
    var source = Source()
    for milliseconds in [1, 1, 2, 200_000] { source.time.observe(nanoseconds: Int64(milliseconds) * 1_000_000) }
    let lines = text(.histogram("t_seconds", "Time.") { $0.time }, source).split(separator: "\n")
    #expect(lines.contains("t_seconds_bucket{le=\"0.001\"} 2"), "a bound belongs to its bucket")
    #expect(lines.contains("t_seconds_bucket{le=\"0.0025\"} 3"))
    #expect(lines.contains("t_seconds_bucket{le=\"120\"} 3"))
    #expect(lines.contains("t_seconds_bucket{le=\"+Inf\"} 4"))
    #expect(lines.contains("t_seconds_count 4"))
    #expect(lines.contains("t_seconds_sum 200.004"))
  }

  @Test func extremesDoNotTrap() {
    var histogram = Histogram()
    for duration in [Int64.min, .max, .max, 0] { histogram.observe(nanoseconds: duration) }
    #expect(histogram.count == 4)
    #expect(histogram.nanoseconds == .max)
    #expect(histogram.counts.first == 2)
  }

  @Test(arguments: [(Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (2, "2"), (1e300, "1e+300")])
  func numbers(_ value: Double, _ written: String) {
    let family = MetricFamily<Source>("a", .gauge, "A.") { _ in [MetricSample(.decimal(value))] }
    #expect(text(family).hasSuffix("\na \(written)\n"))
  }
}
