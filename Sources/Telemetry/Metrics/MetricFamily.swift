/// A metric as it is offered: its name, what it means, and how its samples are read from a source at scrape time.
///
/// The source keeps plain numbers and knows nothing of metrics; reading them costs something only when somebody asks.
public struct MetricFamily<Source>: Sendable {
  /// Name with its unit: `…_total` for counters, `…_seconds`, `…_bytes`.
  public let name: String
  /// What it counts.
  public let kind: MetricKind
  /// One sentence for people who read dashboards.
  public let help: String
  /// Names of its labels.
  public let labels: [String]
  /// The samples of a source; none when there is nothing to tell.
  public let samples: @Sendable (Source) -> [MetricSample]

  /// A metric with any samples.
  public init(
    _ name: String, _ kind: MetricKind, _ help: String, labels: [String] = [],
    samples: @escaping @Sendable (Source) -> [MetricSample]
  ) {
    self.name = name
    self.kind = kind
    self.help = help
    self.labels = labels
    self.samples = samples
  }

  /// A counter of one series.
  public static func counter(
    _ name: String, _ help: String, _ value: @escaping @Sendable (Source) -> Int
  ) -> MetricFamily {
    MetricFamily(name, .counter, help) { [MetricSample(.whole(value($0)))] }
  }

  /// A gauge of one series; no sample where the value is nil.
  public static func gauge(
    _ name: String, _ help: String, _ value: @escaping @Sendable (Source) -> Int?
  ) -> MetricFamily {
    MetricFamily(name, .gauge, help) { source in value(source).map { [MetricSample(.whole($0))] } ?? [] }
  }

  /// A gauge that is 1 or 0.
  public static func flag(
    _ name: String, _ help: String, _ value: @escaping @Sendable (Source) -> Bool
  ) -> MetricFamily {
    MetricFamily(name, .gauge, help) { [MetricSample(.whole(value($0) ? 1 : 0))] }
  }

  /// A histogram of one series.
  public static func histogram(
    _ name: String, _ help: String, _ value: @escaping @Sendable (Source) -> Histogram
  ) -> MetricFamily {
    MetricFamily(name, .histogram, help) { [MetricSample(.histogram(value($0)))] }
  }
}
