internal import AMQP
internal import EventLoop
internal import Failpoints
internal import Logging
internal import OCRContract
internal import RelayCore
internal import Telemetry

/// All requests that are in work on one loop, and what they share.
///
/// Isolation: not `Sendable`; owned by its worker.
final class Pipeline {
  let settings: PipelineSettings
  let consumer: Consumer
  let publisher: ConfirmingPublisher
  let backend: OCRBackend
  let tokens: any CallCredentials
  let replies: ReplyComposer
  let copies: CopyComposer
  /// Results of earlier deliveries; nil when none are kept.
  let results: ResultDesk?
  let logger: Logger
  var counters = RelayCounters()
  /// Called when a failure concerns every request.
  var onEveryoneSuffers: (CallFailure) -> Void = { _ in }
  /// Asked whether a failed call means that every other would fail as well.
  var isShared: (CallFailure) -> Bool = { $0.scope != .message }
  /// Called when the OCR service answered a request.
  var onServiceAnswered: () -> Void = {}
  /// Whether answers can be published now.
  var canPublish: () -> Bool = { true }
  /// Called when the last request in work is finished.
  var onIdle: () -> Void = {}

  private let reactor: Reactor
  private let pool: BufferPool
  private var flows: [DeliveryID: RequestFlow] = [:]
  private var acceptsWork = true
  private var waitingForPublisher: [() -> Void] = []

  init(
    settings: PipelineSettings, consumer: Consumer, publisher: ConfirmingPublisher, backend: OCRBackend,
    tokens: any CallCredentials, replies: ReplyComposer, copies: CopyComposer, results: ResultDesk?, reactor: Reactor,
    pool: BufferPool, logger: Logger
  ) {
    self.settings = settings
    self.consumer = consumer
    self.publisher = publisher
    self.backend = backend
    self.tokens = tokens
    self.replies = replies
    self.copies = copies
    self.results = results
    self.reactor = reactor
    self.pool = pool
    self.logger = logger
    consumer.onDelivery = { [unowned self] in take($0) }
    consumer.onLost = { [unowned self] in connectionLost() }
  }

  /// Requests in work.
  var inFlight: Int { flows.count }
  /// How long ago the oldest request in work arrived.
  var oldestAge: Duration? { flows.values.map(\.arrivedAt).min().map { reactor.now - $0 } }
  /// Requests in work that wait until answers can be published.
  var waitingCount: Int { waitingForPublisher.count }
  /// Bytes of message bodies in memory.
  var bytesInWork: Int { pool.bytesInUse }
  /// The time of this turn of the loop.
  var now: MonotonicInstant { reactor.now }

  /// Takes no new work; deliveries that still arrive, and those that were not begun, go back to the broker.
  func stopTakingWork() {
    acceptsWork = false
    for flow in flows.values where flow.isUnstarted { flow.giveBack() }
    if flows.isEmpty { onIdle() }
  }

  /// Takes work again.
  func resumeTakingWork() {
    acceptsWork = true
  }

  // MARK: Deliveries

  private func take(_ delivery: Delivery) {
    counters.deliveries += 1
    Failpoint.pass(.delivered)
    guard acceptsWork else {
      consumer.settle(delivery.id, .giveBack)
      return
    }
    let flow = RequestFlow(delivery, pipeline: self)
    flows[delivery.id] = flow
    if pool.bytesInUse > settings.bytesInWork { consumer.pauseReading() }
    flow.start()
  }

  private func connectionLost() {
    let lost = flows
    flows.removeAll()
    counters.lost += lost.count
    for flow in lost.values { flow.deliveryLost() }
    if !lost.isEmpty { onIdle() }
  }

  // MARK: For flows

  /// Settles a finished delivery.
  func settle(_ flow: RequestFlow, _ settlement: Consumer.Settlement) {
    if consumer.settle(flow.id, settlement) { counters.acknowledged += 1 }
    counters.requestTime.observe(nanoseconds: (now - flow.arrivedAt).saturatingNanoseconds)
    finish(flow)
  }

  /// Gives an unstarted delivery back.
  func giveBack(_ flow: RequestFlow) {
    consumer.settle(flow.id, .giveBack)
    finish(flow)
  }

  /// Calls `body` when answers can be published: a call whose answer has nowhere to go is not made.
  func whenPublishable(_ body: @escaping () -> Void) {
    guard !canPublish() else { return body() }
    waitingForPublisher.append(body)
  }

  /// Answers can be published again.
  func publisherIsAvailable() {
    guard canPublish() else { return }
    let waiting = waitingForPublisher
    waitingForPublisher.removeAll()
    for body in waiting { body() }
  }

  /// The body is not needed any more: its memory serves the next one.
  func release(_ delivery: inout Delivery) {
    delivery.body = pool.take(capacity: 0)
    resumeReadingIfPossible()
  }

  /// Calls `body` after the pause that follows a refused publish.
  func afterRefusal(_ body: @escaping () -> Void) {
    reactor.schedule(after: settings.refusalPause, body)
  }

  func everyoneSuffers(_ failure: CallFailure) {
    onEveryoneSuffers(failure)
  }

  func serviceAnswered() {
    onServiceAnswered()
  }

  func noteCall(of api: String) {
    counters.calls += 1
    counters.callsByAPI[api, default: 0] += 1
  }

  func noteAnswer(_ outcome: CallOutcome, startedAt: MonotonicInstant) {
    counters.callTime.observe(nanoseconds: (now - startedAt).saturatingNanoseconds)
    if case .failure(let failure) = outcome { counters.callFailures[failure.code, default: 0] += 1 }
  }

  func noteFailure(_ failure: RequestFailure, api: String?) {
    counters.requestFailures[failure.code, default: 0] += 1
    guard logger.logLevel <= .debug else { return }
    logger.debug(
      "request failed", metadata: ["code": "\(failure.code.rawValue)", "api": "\(api ?? "unknown")"])
  }

  private func finish(_ flow: RequestFlow) {
    flows[flow.id] = nil
    resumeReadingIfPossible()
    if flows.isEmpty { onIdle() }
  }

  private func resumeReadingIfPossible() {
    if pool.bytesInUse <= settings.bytesInWork { consumer.resumeReading() }
  }
}
