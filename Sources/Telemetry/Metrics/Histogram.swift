/// Durations by size, in fixed buckets. Adding one is a few comparisons and two additions.
public struct Histogram: Sendable, Equatable {
  /// Upper bounds of the buckets in seconds; a last one without a bound follows.
  public static let bounds: [Double] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
  ]
  private static let nanosecondBounds: [Int64] = bounds.map { Int64(($0 * 1e9).rounded()) }

  /// Observations in each bucket; not cumulative.
  public private(set) var counts = [Int](repeating: 0, count: Histogram.bounds.count + 1)
  /// Sum of all observations in nanoseconds; stays at the largest number instead of overflowing.
  public private(set) var nanoseconds: Int64 = 0

  /// A histogram without observations.
  public init() {}

  /// How many observations there were.
  public var count: Int { counts.reduce(0, +) }
  /// Sum of all observations in seconds.
  public var sum: Double { Double(nanoseconds) / 1e9 }

  /// Adds a duration; a negative one counts as none.
  public mutating func observe(nanoseconds duration: Int64) {
    let duration = max(duration, 0)
    var bucket = 0
    while bucket < Self.nanosecondBounds.count, duration > Self.nanosecondBounds[bucket] { bucket += 1 }
    counts[bucket] += 1
    addTime(duration)
  }

  /// Adds the observations of another histogram.
  public mutating func add(_ other: Histogram) {
    for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
    addTime(other.nanoseconds)
  }

  private mutating func addTime(_ duration: Int64) {
    let (total, overflow) = nanoseconds.addingReportingOverflow(duration)
    nanoseconds = overflow ? .max : total
  }
}
