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
  private(set) var settings: PipelineSettings
  let consumer: Consumer
  let publisher: ConfirmingPublisher
  let backend: OCRBackend
  let tokens: any CallCredentials
  let permits: PermitDesk
  let replies: ReplyComposer
  private let copies: CopyComposer
  /// Results of earlier deliveries; nil when none are kept.
  let results: ResultDesk?
  /// Who checks that direct reply-to addresses exist; nil when nobody does.
  let requesters: RequesterProbe?
  /// Makes spans; nil without a collector.
  var tracer: Tracer?
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
  /// Called for each delivery that is taken into work, while somebody wants to know.
  var onTaken: ((Delivery) -> Void)?
  /// Whether a retry waits longer than usual: chance, so that what failed together does not come back together.
  var drawsLonger: () -> Bool = { Int.random(in: 0..<4) == 0 }

  private let reactor: Reactor
  private let pool: BufferPool
  /// What stands in the place of a body that is not needed any more.
  private let noBody: PooledBuffer
  /// The requests in work, in no order; each knows its place.
  private var flows: [RequestFlow] = []
  /// Whether requests are begun.
  private(set) var acceptsWork = true
  private var waitingForPublisher: [() -> Void] = []
  private var replyBreaker: ReplyBreaker
  private var retryBudget: RetryBudget

  init(
    settings: PipelineSettings, consumer: Consumer, publisher: ConfirmingPublisher, backend: OCRBackend,
    tokens: any CallCredentials, permits: PermitDesk, replies: ReplyComposer, copies: CopyComposer,
    results: ResultDesk?, requesters: RequesterProbe?, reactor: Reactor, pool: BufferPool, logger: Logger
  ) {
    self.settings = settings
    self.consumer = consumer
    self.publisher = publisher
    self.backend = backend
    self.tokens = tokens
    self.permits = permits
    self.replies = replies
    self.copies = copies
    self.results = results
    self.requesters = requesters
    replyBreaker = ReplyBreaker(policy: settings.replyRetry)
    retryBudget = RetryBudget(policy: settings.retryBudget)
    self.reactor = reactor
    self.pool = pool
    noBody = pool.take(capacity: 0)
    self.logger = logger
    consumer.onDelivery = { [unowned self] in take($0) }
    consumer.onLost = { [unowned self] in connectionLost() }
  }

  /// Requests in work.
  var inFlight: Int { flows.count }
  /// How long ago the oldest request in work arrived.
  var oldestAge: Duration? { flows.map(\.arrivedAt).min().map { reactor.now - $0 } }
  /// Requests in work that wait until answers can be published.
  var waitingCount: Int { waitingForPublisher.count }
  /// Bytes of message bodies in memory.
  var bytesInWork: Int { pool.bytesInUse }
  /// The time of this turn of the loop.
  var now: MonotonicInstant { reactor.now }

  /// Takes no new work; deliveries that still arrive, and those that were not begun, go back to the broker, or are
  /// replaced by copies when they did so too often.
  func stopTakingWork() {
    acceptsWork = false
    for flow in flows where flow.isUnstarted { flow.putBack() }
    if flows.isEmpty { onIdle() }
  }

  /// Meets the next requests with other settings.
  func adopt(_ settings: PipelineSettings) {
    self.settings = settings
    resumeReadingIfPossible()
  }

  /// Takes work again.
  func resumeTakingWork() {
    acceptsWork = true
  }

  // MARK: Deliveries

  private func take(_ delivery: Delivery) {
    counters.deliveries += 1
    Failpoint.pass(.delivered)
    guard acceptsWork || delivery.wear != .fresh else {
      consumer.settle(delivery.id, .giveBack)
      return
    }
    let flow = RequestFlow(delivery, pipeline: self)
    flow.place = flows.count
    flows.append(flow)
    if pool.bytesInUse > settings.bytesInWork { consumer.pauseReading() }
    flow.start(isWanted: acceptsWork)
    onTaken?(delivery)
  }

  private func connectionLost() {
    let lost = flows
    flows.removeAll(keepingCapacity: true)
    counters.lost += lost.count
    let idle = lost.filter { !$0.isCalling }
    for flow in lost {
      flow.place = nil
      flow.deliveryLost()
    }
    // Only now: whoever waited for another's call would make it himself.
    for flow in idle { flow.endSharedCall(nil) }
    if !lost.isEmpty { onIdle() }
  }

  // MARK: For flows

  /// The queue that a request comes back to: the one that it came in, also when it was moved to the overflow queue since.
  func queue(of lane: Int, _ request: IncomingRequest) -> String {
    let queues = settings.queues
    guard lane == settings.overflowLane else { return lane < queues.count ? queues[lane] : copies.queue }
    return queues.first { $0 == request.originQueue } ?? copies.queue
  }

  /// Builds copies of a request that came in a queue.
  func copies(for queue: String) -> CopyComposer {
    var copies = copies
    copies.queue = queue
    return copies
  }

  /// Settles a finished delivery.
  func settle(_ flow: RequestFlow, _ settlement: Consumer.Settlement) {
    if consumer.settle(flow.id, settlement) { counters.acknowledged += 1 }
    counters.requestTime.observe(nanoseconds: nanoseconds(since: flow.arrivedAt))
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
    permits.serve()
  }

  /// The body is not needed any more: its memory serves the next one.
  func release(_ delivery: Delivery) {
    delivery.body = noBody
    resumeReadingIfPossible()
  }

  /// Calls `body` after a pause.
  func after(_ pause: Duration, _ body: @escaping () -> Void) {
    reactor.schedule(after: pause, body)
  }

  private func nanoseconds(since start: MonotonicInstant) -> Int64 { now.nanoseconds &- start.nanoseconds }

  private var time: Duration { .nanoseconds(reactor.now.nanoseconds) }

  // MARK: Answers and retries

  /// Whether an answer's target is worth a publish.
  func admits(_ reply: OutgoingMessage) -> Bool { replyBreaker.admits(reply.target, now: time) }

  /// An answer's target took it.
  func delivered(_ reply: OutgoingMessage) {
    replyBreaker.delivered(to: reply.target)
  }

  /// An answer's target did not take it.
  func failed(_ reply: OutgoingMessage, publishes: Int) -> ReplyBreaker.Verdict {
    replyBreaker.failed(reply.target, publishes: publishes, now: time)
  }

  /// By how many levels the pause before a retry is longer than the regular one. Beyond the budget it is much longer: the
  /// request keeps its attempts, the service is spared.
  func levelsLater(_ failure: CallFailure) -> Int {
    guard failure.retry == .backoff else { return 0 }
    return (drawsLonger() ? 1 : 0) + (retryBudget.noteRetry(now: time) ? 0 : 2)
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
    retryBudget.noteCall(now: time)
  }

  func noteAnswer(_ outcome: CallOutcome, startedAt: MonotonicInstant) {
    counters.callTime.observe(nanoseconds: nanoseconds(since: startedAt))
    if case .failure(let failure) = outcome { counters.callFailures[failure.code, default: 0] += 1 }
  }

  func noteFailure(_ failure: RequestFailure, api: String?) {
    counters.requestFailures[failure.code, default: 0] += 1
    guard logger.logLevel <= .debug else { return }
    logger.debug(
      "request failed", metadata: ["code": "\(failure.code.rawValue)", "api": "\(api ?? "unknown")"])
  }

  private func finish(_ flow: RequestFlow) {
    remove(flow)
    resumeReadingIfPossible()
    if flows.isEmpty { onIdle() }
  }

  /// The last one takes its place.
  private func remove(_ flow: RequestFlow) {
    guard let place = flow.place else { return }
    flow.place = nil
    let last = flows.removeLast()
    guard last !== flow else { return }
    flows[place] = last
    last.place = place
  }

  private func resumeReadingIfPossible() {
    if pool.bytesInUse <= settings.bytesInWork { consumer.resumeReading() }
  }
}

extension OutgoingMessage {
  fileprivate var target: ReplyBreaker.Target { .init(exchange: exchange, routingKey: routingKey) }
}
