/// What a metric counts, in the words of the Prometheus text format.
public enum MetricKind: String, Sendable, CaseIterable {
  /// Only grows, and begins at zero with the process.
  case counter
  /// Goes up and down.
  case gauge
  /// Observations by size, in fixed buckets.
  case histogram
  /// Number and sum of observations.
  case summary
}
