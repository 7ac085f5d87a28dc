public import CoreMetrics
internal import Synchronization

/// Collects what libraries report through swift-metrics, for the same scrape as the relay's own numbers.
///
/// The relay's own counters do not go through swift-metrics: they belong to one loop, so a plain addition is enough,
/// while a handler costs a dynamic call and an atomic operation for each message and an object for each series. They
/// are read when somebody scrapes (``MetricFamily``). Libraries know nothing of that loop and count from any thread;
/// for them there is this factory. It is made only when metrics are served.
///
/// The number of series is bounded: what comes beyond is counted as dropped and costs nothing more.
public final class LibraryMetrics: MetricsFactory {
  private let state = Mutex(State())
  private let seriesLimit: Int

  private struct State {
    var series: [SeriesKey: any SampledHandler] = [:]
    var kinds: [String: MetricKind] = [:]
    var dropped = 0
  }

  /// A factory that keeps at most so many series.
  public init(seriesLimit: Int = 256) {
    self.seriesLimit = seriesLimit
  }

  /// Makes this the factory of all libraries of the process; may be done once.
  public func install() {
    MetricsSystem.bootstrap(self)
  }

  /// Writes everything collected so far.
  public func write(to text: inout PrometheusText) {
    let (series, kinds, dropped) = state.withLock { ($0.series, $0.kinds, $0.dropped) }
    let byName = Dictionary(grouping: series, by: \.key.name)
    for (name, members) in byName.sorted(by: { $0.key < $1.key }) {
      let samples = members.sorted { $0.key.order < $1.key.order }.map { entry in
        MetricSample(entry.value.sample, labels: entry.key.labels.map { ($0.name, $0.value) })
      }
      text.add(name: name, kind: kinds[name] ?? .gauge, help: "Reported by a library.", samples: samples)
    }
    text.add(
      name: "ocr_relay_library_series_dropped_total", kind: .counter,
      help: "Series of libraries that were not taken in, because there were too many.",
      samples: [MetricSample(.whole(dropped))])
  }

  /// The known handler of a series, or a new one; a handler beyond the limit works and is not shown.
  private func handler<Handler: SampledHandler>(
    _ label: String, suffix: String, _ dimensions: [(String, String)], _ kind: MetricKind, _ make: () -> Handler
  ) -> Handler {
    let key = SeriesKey(label: label, suffix: suffix, dimensions: dimensions)
    return state.withLock { state in
      if let known = state.series[key] as? Handler { return known }
      let new = make()
      if state.series.count < seriesLimit, (state.kinds[key.name] ?? kind) == kind {
        state.series[key] = new
        state.kinds[key.name] = kind
      } else {
        state.dropped += 1
      }
      return new
    }
  }

  private func remove(_ handler: AnyObject) {
    state.withLock { state in
      for (key, value) in state.series where value === handler { state.series[key] = nil }
    }
  }

  // MARK: MetricsFactory

  /// A counter; its name ends with `_total`.
  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    handler(label, suffix: "_total", dimensions, .counter) { LibraryCounter() }
  }

  /// A gauge.
  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    handler(label, suffix: "", dimensions, .gauge) { LibraryGauge() }
  }

  /// A gauge, or a summary when `aggregate`.
  public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    if aggregate { return handler(label, suffix: "", dimensions, .summary) { LibrarySummary() } }
    return handler(label, suffix: "", dimensions, .gauge) { LibraryGauge() }
  }

  /// A summary in seconds; its name ends with `_seconds`.
  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    handler(label, suffix: "_seconds", dimensions, .summary) { LibrarySummary() }
  }

  /// Forgets a counter.
  public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
  /// Forgets a gauge.
  public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
  /// Forgets a recorder.
  public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
  /// Forgets a timer.
  public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}
