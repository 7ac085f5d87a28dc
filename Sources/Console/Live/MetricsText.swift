/// The values of a page in the Prometheus text format. Outside text: what cannot be read is left out.
struct MetricsText: Sendable, Equatable {
  /// More series than a relay has by far.
  private static let mostSeries = 2_000

  private var values: [String: Double] = [:]

  /// Reads `name{labels} value` lines.
  init(_ text: String) {
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      guard values.count < Self.mostSeries, let blank = line.lastIndex(of: " "),
        let value = Double(line[line.index(after: blank)...]), value.isFinite
      else { continue }
      values[String(line[..<blank])] = value
    }
  }

  /// The value of a series, as it is written: name and labels.
  subscript(_ series: String) -> Double? { values[series] }

  /// The same as a whole number, within what fits.
  func whole(_ series: String) -> Int? { values[series].map { Int($0.clamped(to: -1e15...1e15)) } }
}

extension Double {
  fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
