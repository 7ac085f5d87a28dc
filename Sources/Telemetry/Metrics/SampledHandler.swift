internal import CoreMetrics
internal import Synchronization

/// A handler of swift-metrics whose value can be read.
protocol SampledHandler: AnyObject, Sendable {
  var sample: MetricSample.Value { get }
}

/// Counts from any thread.
final class LibraryCounter: CounterHandler, SampledHandler {
  private let value = Mutex(0)

  var sample: MetricSample.Value { .whole(value.withLock { $0 }) }

  func increment(by amount: Int64) {
    value.withLock { value in
      let (sum, overflow) = value.addingReportingOverflow(Int(clamping: amount))
      value = overflow ? .max : sum
    }
  }

  func reset() { value.withLock { $0 = 0 } }
}

/// The latest value, from any thread.
final class LibraryGauge: MeterHandler, RecorderHandler, SampledHandler {
  private let value = Mutex(0.0)

  var sample: MetricSample.Value { .decimal(value.withLock { $0 }) }

  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { self.value.withLock { $0 = value } }
  func increment(by amount: Double) { value.withLock { $0 += amount } }
  func decrement(by amount: Double) { value.withLock { $0 -= amount } }
  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }
}

/// Number and sum of values; those of a timer are nanoseconds and shown in seconds.
final class LibrarySummary: TimerHandler, RecorderHandler, SampledHandler {
  private let total = Mutex((count: 0, sum: 0.0))

  var sample: MetricSample.Value {
    let (count, sum) = total.withLock { $0 }
    return .summary(count: count, sum: sum)
  }

  func record(_ value: Int64) { record(Double(value)) }
  func record(_ value: Double) { total.withLock { $0 = ($0.count + 1, $0.sum + value) } }
  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
