internal import OCRContract

/// What a relay has told of itself at one moment.
struct RelayReading: Sendable, Equatable {
  /// Counters that grow for as long as the process runs.
  struct Counters: Sendable, Equatable {
    var calls = 0
    var throttled = 0
    var results = 0
    var errors = 0
    var retries = 0
    var deadLetters = 0
    /// Seconds since 1970 at which they began at zero.
    var since = 0
  }

  /// Its address, as people know it.
  var name: String
  /// Milliseconds since 1970.
  var at: Int64
  /// Whether requests are taken, called for and answered.
  var isReady = false
  /// `open`, `probing` or `closed`: whether requests are held in the queue.
  var gate = "open"
  /// The code of the failure that holds them there.
  var gateReason: String?
  /// What to do about it, in one line.
  var gateAdvice: String?
  /// Since when they are held, in milliseconds since 1970.
  var gateSince: Int64?
  /// `ok`, or what is wrong.
  var broker = "unknown"
  /// `ok`, or what is wrong.
  var credential = "unknown"
  /// `ok`, or what is wrong.
  var backend = "unknown"
  /// Seconds until the token ends; nil without one.
  var tokenSecondsLeft: Int?
  /// Requests in work, and the most there may be.
  var inWork = 0
  var inWorkLimit = 0
  /// Seconds since the oldest request in work arrived.
  var oldestSeconds = 0.0
  /// Requests that wait for a permit.
  var waitingForPermit = 0
  /// Calls per second that the limits allow.
  var callRate = 0.0
  /// Seconds until calls may be made again.
  var pauseSeconds = 0.0
  /// Memory of the process.
  var residentBytes = 0
  /// What it has done.
  var counters = Counters()

  /// Reads the answers to `/readyz` and `/metrics`; nil when the first is none of a relay.
  init?(name: String, at: Int64, status: [UInt8], metrics: String) {
    guard let json = try? JSONReader.read(status), let isReady = json["ready"]?.flag else { return nil }
    self.name = name
    self.at = at
    self.isReady = isReady
    gate = json["gate"]?.text ?? "open"
    gateReason = json["gate_reason"]?.text
    gateAdvice = json["gate_advice"]?.text
    gateSince = json["gate_since_ms"]?.integer.map(Int64.init)
    broker = json["checks"]?["broker"]?.text ?? "unknown"
    credential = json["checks"]?["credential"]?.text ?? "unknown"
    backend = json["checks"]?["backend"]?.text ?? "unknown"
    tokenSecondsLeft = json["token_seconds_left"]?.integer
    inWork = json["in_flight"]?.integer ?? 0
    read(MetricsText(metrics))
  }

  private mutating func read(_ metrics: MetricsText) {
    inWorkLimit = metrics.whole("ocr_relay_in_work_limit") ?? 0
    oldestSeconds = metrics["ocr_relay_oldest_in_work_seconds"] ?? 0
    waitingForPermit = metrics.whole("ocr_relay_waiting_for_permit") ?? 0
    callRate = metrics["ocr_relay_call_rate"] ?? 0
    pauseSeconds = metrics["ocr_relay_call_pause_seconds"] ?? 0
    residentBytes = metrics.whole("process_resident_memory_bytes") ?? 0
    counters.throttled = metrics.whole("ocr_relay_throttled_calls_total") ?? 0
    counters.results = metrics.whole("ocr_relay_results_total") ?? 0
    counters.errors = metrics.whole("ocr_relay_errors_total") ?? 0
    counters.retries = metrics.whole("ocr_relay_retries_total") ?? 0
    counters.deadLetters = metrics.whole("ocr_relay_dead_letters_total") ?? 0
    counters.calls = metrics.whole("ocr_relay_call_seconds_count") ?? 0
    counters.since = metrics.whole("process_start_time_seconds") ?? 0
  }
}
