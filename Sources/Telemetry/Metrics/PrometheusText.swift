/// Writes metrics in the Prometheus text format, version 0.0.4.
public struct PrometheusText: Sendable {
  /// The content type of the text.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// What was written so far.
  public private(set) var text = ""

  /// An empty text.
  public init() {}

  /// Adds a metric of a source. Nothing is written for a metric without samples.
  public mutating func add<Source>(_ family: MetricFamily<Source>, of source: Source) {
    add(name: family.name, kind: family.kind, help: family.help, samples: family.samples(source))
  }

  mutating func add(name: String, kind: MetricKind, help: String, samples: [MetricSample]) {
    guard !samples.isEmpty else { return }
    text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    for sample in samples { add(sample, name) }
  }

  private mutating func add(_ sample: MetricSample, _ name: String) {
    switch sample.value {
    case .whole(let number): addLine(name, sample.labels, String(number))
    case .decimal(let number): addLine(name, sample.labels, Self.number(number))
    case .histogram(let histogram): add(histogram, name, sample.labels)
    case .summary(let count, let sum):
      addLine(name + "_sum", sample.labels, Self.number(sum))
      addLine(name + "_count", sample.labels, String(count))
    }
  }

  private mutating func add(_ histogram: Histogram, _ name: String, _ labels: [(name: String, value: String)]) {
    var total = 0
    for (index, count) in histogram.counts.enumerated() {
      total += count
      let bound = index < Histogram.bounds.count ? Self.number(Histogram.bounds[index]) : "+Inf"
      addLine(name + "_bucket", labels + [("le", bound)], String(total))
    }
    addLine(name + "_sum", labels, Self.number(histogram.sum))
    addLine(name + "_count", labels, String(total))
  }

  private mutating func addLine(_ name: String, _ labels: [(name: String, value: String)], _ value: String) {
    text += name
    if !labels.isEmpty {
      let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
      text += "{" + pairs.joined(separator: ",") + "}"
    }
    text += " " + value + "\n"
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return "\(value)"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
