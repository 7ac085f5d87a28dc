/// One relay over the last readings: where it is, and how fast it works.
struct RelayHistory: Sendable, Equatable {
  /// What happened in a second, on average over the time that is remembered.
  struct Speed: Sendable, Equatable {
    var calls = 0.0
    var throttled = 0.0
    var answers = 0.0
  }

  /// How far back speeds look, in milliseconds.
  private static let window: Int64 = 60_000

  private var readings: [RelayReading] = []
  /// Since when it does not answer; nil while it does.
  private(set) var silentSince: Int64?

  /// Its latest reading.
  var last: RelayReading? { readings.last }

  /// The time at which it was heard of last, or not.
  private(set) var seenAt: Int64 = 0

  mutating func add(_ reading: RelayReading) {
    if let last, last.counters.since != reading.counters.since { readings.removeAll() }
    readings.append(reading)
    readings.removeAll { $0.at < reading.at - Self.window }
    silentSince = nil
    seenAt = reading.at
  }

  mutating func missed(at now: Int64) {
    silentSince = silentSince ?? now
    seenAt = now
  }

  /// How fast it works; nil until there are two readings.
  var speed: Speed? {
    guard silentSince == nil, let first = readings.first, let last, last.at > first.at else { return nil }
    let seconds = Double(last.at - first.at) / 1_000
    func rate(_ value: (RelayReading.Counters) -> Int) -> Double {
      max(0, Double(value(last.counters) - value(first.counters))) / seconds
    }
    return Speed(
      calls: rate { $0.calls }, throttled: rate { $0.throttled }, answers: rate { $0.results + $0.errors })
  }
}
