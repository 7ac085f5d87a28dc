internal import EventLoop
internal import HTTPTransport
internal import Logging
internal import Telemetry

/// Sends spans to a collector: OTLP over HTTP, with JSON, over a connection of its own.
///
/// Isolation: not `Sendable`; belongs to its loop. Nothing waits for it; what it cannot send is dropped and counted.
final class SpanExporter {
  private var export: SpanExport
  private let client: HTTPClient
  private let target: HTTPTarget
  private let headers: HTTPHeaders
  private let text: SpanText
  private let reactor: Reactor
  private let logger: Logger
  private var timer: LoopTimer?
  private var closingTimer: LoopTimer?
  private var finished: (() -> Void)?
  private var isInTrouble = false

  /// How long the last spans may take at the end.
  private static let closingTime = Duration.seconds(5)

  /// Nil when no collector is configured.
  init?(
    _ settings: TracesSettings, limits: SpanExport.Limits = .init(), reactor: Reactor, pool: BufferPool, logger: Logger
  ) throws(RelayStartError) {
    guard let url = settings.url else { return nil }
    do throws(HTTPClientError) {
      target = try HTTPTarget(url)
      headers = try HTTPHeaders([("Content-Type", "application/json")] + (settings.headers ?? []))
      client = try HTTPClient(reactor: reactor, pool: pool, configuration: Self.clientConfiguration(settings))
    } catch {
      throw RelayStartError(description: "traces.otlp_endpoint: \(error)")
    }
    text = SpanText(resource: Self.resource(settings), scope: "ocr-relay")
    export = SpanExport(limits)
    self.reactor = reactor
    self.logger = logger
    timer = reactor.makeTimer { [unowned self] in perform(export.timerFired()) }
    closingTimer = reactor.makeTimer { [unowned self] in perform(export.timeUp()) }
  }

  deinit {
    timer?.invalidate()
    closingTimer?.invalidate()
  }

  /// Spans that the collector has.
  var exported: Int { export.exported }
  /// Spans that were given up.
  var dropped: Int { export.dropped }

  /// Takes a span that has ended.
  func record(_ span: Span) {
    perform(export.recorded { SpanText.text(of: span) })
  }

  /// Sends what waits, for a few seconds at most, and then calls `completion`; nothing is sent afterwards.
  func finish(_ completion: @escaping () -> Void) {
    finished = completion
    closingTimer?.arm(after: Self.closingTime)
    perform(export.closing())
  }

  private func perform(_ action: SpanExport.Action) {
    switch action {
    case .none: break
    case .arm(let delay): timer?.arm(after: delay)
    case .send(let batch): send(batch)
    case .finish: end()
    }
  }

  private func send(_ batch: SpanExport.Batch) {
    let call = HTTPRequest(target: target, headers: headers, body: .bytes(text.request(batch.bytes)))
    client.start(call) { [weak self] result in self?.answered(result) }
  }

  private func answered(_ result: Result<HTTPResponse, HTTPFailure>) {
    let answer = CollectorAnswer.meaning(of: result)
    note(answer, result)
    perform(export.answered(answer))
  }

  /// One line when trouble begins, and one when it ends.
  private func note(_ answer: SpanExport.Answer, _ result: Result<HTTPResponse, HTTPFailure>) {
    let isTrouble = answer != .taken(rejected: 0)
    guard isTrouble != isInTrouble else { return }
    isInTrouble = isTrouble
    guard isTrouble else { return logger.notice("the collector takes spans again") }
    logger.warning(
      "the collector does not take spans; requests go on without",
      metadata: ["collector": "\(target)", "reason": "\(CollectorAnswer.text(of: result))"])
  }

  /// In a turn of its own: the client may be in the middle of the answer that was the last.
  private func end() {
    timer?.disarm()
    closingTimer?.disarm()
    let completion = finished
    finished = nil
    reactor.schedule(after: .zero) { [self] in
      client.shutdown()
      completion?()
    }
  }

  private static func resource(_ settings: TracesSettings) -> [(name: String, value: String)] {
    [
      ("service.name", settings.serviceName), ("host.name", Machine.hostName),
      ("process.pid", String(Machine.processID)),
    ]
  }

  private static func clientConfiguration(_ settings: TracesSettings) -> HTTPClientConfiguration {
    var client = HTTPClientConfiguration()
    client.totalTimeout = .seconds(10)
    client.lowSpeedDuration = .zero
    client.responseBodyLimit = 64 << 10
    client.maximumConnections = 1
    client.maximumWaitingCalls = 1
    client.caFile = settings.caFile
    client.allowPlainHTTP = true
    return client
  }
}
