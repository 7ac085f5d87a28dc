/// One time series of a metric at one moment.
public struct MetricSample: Sendable, Equatable {
  /// What was measured.
  public enum Value: Sendable, Equatable {
    /// A whole number.
    case whole(Int)
    /// Any number.
    case decimal(Double)
    /// Observations in buckets.
    case histogram(Histogram)
    /// Observations without buckets.
    case summary(count: Int, sum: Double)
  }

  /// Names and values that tell the series of a metric apart. Values come from closed lists, never from requests.
  public var labels: [(name: String, value: String)]
  /// What was measured.
  public var value: Value

  /// A sample; most metrics have a single series and no labels.
  public init(_ value: Value, labels: [(name: String, value: String)] = []) {
    self.labels = labels
    self.value = value
  }

  /// Whether labels and value are the same.
  public static func == (left: MetricSample, right: MetricSample) -> Bool {
    left.value == right.value && left.labels.elementsEqual(right.labels) { $0 == $1 }
  }
}
