/// Everything a relay is told from outside. The values below are the defaults.
///
/// ``settings`` declares for each of them the name in the file, the way it is written and what it means; file,
/// environment, checks, the printed default file and the printed effective settings all follow from that one table.
public struct RelayConfiguration: Sendable, Equatable {
  /// The broker and the work queue.
  public var amqp = AMQPSettings()
  /// The OCR service.
  public var backend = BackendSettings()
  /// How the relay proves itself to the OCR service.
  public var auth = AuthSettings()
  /// Where answers may go.
  public var replies = RepliesSettings()
  /// Sizes that requests must keep.
  public var limits = LimitsSettings()
  /// Addresses in requests.
  public var url = URLSettings()
  /// How many calls are made.
  public var rate = RateSettings()
  /// What happens to requests that failed for a reason that may pass.
  public var retry = RetrySettings()
  /// How long results are kept for requests that come again.
  public var results = ResultsSettings()
  /// What relays share their state through.
  public var redis = RedisSettings()
  /// The key that seals what leaves the process.
  public var seal = SealSettings()
  /// The port for health checks.
  public var http = HTTPSettings()
  /// What the process makes use of.
  public var process = ProcessSettings()
  /// How the relay ends.
  public var shutdown = ShutdownSettings()
  /// The pages for operators.
  public var console = ConsoleSettings()
  /// Spans for an OpenTelemetry collector.
  public var traces = TracesSettings()
  /// What the relay tells about its work.
  public var log = LogSettings()

  /// The files that secrets were read from, by `section.name`: read again when they change.
  public var secretFiles: [String: String] = [:]

  /// The defaults.
  public init() {}
}
