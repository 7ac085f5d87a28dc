internal import AMQP
public import EventLoop
internal import HTTPTransport
internal import HuaweiCloud
public import Logging
internal import OCRContract
internal import RelayCore

/// The relay on one event loop: connections, calls, token and the requests in work.
///
/// Everything that it owns is confined to the loop's thread; the actor is the only way in.
public actor RelayWorker {
  /// The loop that everything of this worker runs on.
  public nonisolated let loop: EventLoop
  /// The loop, as the actor's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private(set) var configuration: RelayConfiguration
  private var watcher: ConfigurationWatcher?
  let logger: Logger
  private(set) var parts: Parts?
  var gate = ConsumptionGate()
  private(set) var gateTimer: LoopTimer?
  /// When the gate was closed, in milliseconds since 1970; nil while it is open.
  private(set) var gateClosedAt: Int64?
  private var slowStart = SlowStart()
  /// Until when the limit of the service allows no call, while that is too long for holding requests.
  private var pausedUntil: Duration?
  private var pauseTimer: LoopTimer?
  private(set) var phase = Phase.starting
  private var shutdownTimer: LoopTimer?
  private var finished: CheckedContinuation<Void, Never>?
  private var isStopRequested = false
  /// What the loops of this process share; nil when there is just this one.
  private let commons: LoopCommons?

  enum Phase {
    case starting, running, draining, closing, over
  }

  /// A worker that does nothing until `run`.
  public init(loop: EventLoop, configuration: RelayConfiguration, logger: Logger) {
    self.init(loop: loop, configuration: configuration, logger: logger, commons: nil)
  }

  /// One of several workers of a process.
  init(loop: EventLoop, configuration: RelayConfiguration, logger: Logger, commons: LoopCommons?) {
    self.commons = commons
    self.loop = loop
    self.configuration = configuration
    self.logger = logger
  }

  /// Runs until `shutDown` was called and everything in work is finished, or the time for that is over.
  public func run() async throws(RelayStartError) {
    let parts = try Parts(configuration, commons: commons, reactor: loop.reactor, logger: logger)
    self.parts = parts
    wire(parts)
    if let commons { join(commons, parts) }
    phase = .running
    parts.shared.start()
    // The consuming connection follows when the publishing one stands: one broken broker, one line in the log.
    parts.publishLink.start()
    await withCheckedContinuation { continuation in
      finished = continuation
      if isStopRequested { shutDown() }
    }
  }

  /// Goes on with another configuration, which differs in what may change.
  func adopt(_ configuration: RelayConfiguration) {
    self.configuration = configuration
  }

  /// Reads secrets again when their files change.
  func watchSecrets(_ parts: Parts) {
    parts.watchSecrets(configuration, reactor: loop.reactor, logger: logger) { [self] in credentialChanged() }
  }

  /// Calls are made under other secrets from now on.
  func credentialChanged() {
    parts?.tokens.secretsChanged()
    apply(gate.credentialChanged())
  }

  /// Reads the configuration again on SIGHUP and when its file changes: once for all workers, so that they never differ.
  func watch(_ source: ConfigurationSource, with others: [RelayWorker]) throws(EventLoopError) {
    let watcher = ConfigurationWatcher(source, reactor: loop.reactor) { [unowned self] result in
      reloaded(result)
      guard case .success(let new) = result else { return }
      for other in others { other.post { $0.follow(new) } }
    }
    self.watcher = watcher
    try SignalWatcher.watchHangup(on: loop.reactor) { watcher.reload() }
  }

  /// Begins an orderly end: no new requests, finish those in work, close.
  public func shutDown() {
    isStopRequested = true
    guard phase == .running, let parts else { return }
    phase = .draining
    logger.notice("shutting down", metadata: ["in_work": "\(parts.pipeline.inFlight)"])
    shutdownTimer = loop.reactor.makeTimer { [self] in shutdownTimedOut() }
    shutdownTimer?.arm(after: configuration.shutdown.timeout)
    gateTimer?.disarm()
    pauseTimer?.disarm()
    parts.consumer.cancel { [self] _ in drained() }
    parts.pipeline.stopTakingWork()
  }

  // MARK: Wiring

  private func wire(_ parts: Parts) {
    parts.consumeLink.onEvent = { [self] in handle($0, name: "consuming") }
    parts.publishLink.onEvent = { [self] in handle($0, name: "publishing") }
    parts.pipeline.onEveryoneSuffers = { [self] in everyoneSuffers($0) }
    parts.pipeline.isShared = { [self] in gate.isShared($0) }
    parts.pipeline.onServiceAnswered = { [self] in serviceAnswered() }
    wireFleet(parts.pipeline.permits)
    parts.pipeline.onIdle = { [self] in
      drained()
      restartIfIdle()
    }
    parts.pipeline.onTaken = { [self] in watchStart($0) }
    parts.pipeline.canPublish = { parts.publishLink.isOpen && !parts.publishLink.isBlocked }
    watchSecrets(parts)
    parts.pipeline.permits.canPublish = parts.pipeline.canPublish
    parts.pipeline.permits.onLongPause = { [self] in pause(until: $0) }
    pauseTimer = loop.reactor.makeTimer { [self] in resume() }
    gateTimer = loop.reactor.makeTimer { [self] in apply(gate.tick(now: now)) }
  }

  var now: Duration { .nanoseconds(loop.reactor.now.nanoseconds) }

  private func handle(_ event: LinkEvent, name: String) {
    switch event {
    case .connected(let endpoint):
      logger.info("connected to the broker", metadata: ["for": "\(name)", "broker": "\(endpoint)"])
      if name == "publishing" { preparePublishing() } else { prepareConsuming() }
    case .disconnected(let failure, let endpoint, let delay):
      // Both connections go to the same broker: while the publishing one is down, it speaks for both.
      let isEcho = name == "consuming" && !(parts?.publishLink.isOpen ?? false)
      logger.log(
        level: isEcho ? .debug : .warning, "no connection to the broker",
        metadata: [
          "for": "\(name)", "broker": "\(endpoint)", "kind": "\(failure.kind.rawValue)", "reason": "\(failure)",
          "advice": "\(BrokerAdvice.text(for: failure))", "retry_in_ms": "\(delay.milliseconds)",
        ])
      if name == "consuming" {
        parts?.hasConsumed = false
        parts?.wantsRestart = false
      }
      drained()
    case .blocked(let reason):
      logger.warning(
        "the broker takes no messages; answers wait", metadata: ["for": "\(name)", "reason": "\(reason)"])
    case .unblocked:
      logger.notice("the broker takes messages again", metadata: ["for": "\(name)"])
      parts?.pipeline.publisherIsAvailable()
    case .stopped: closed()
    }
  }

  // MARK: Consuming

  private func preparePublishing() {
    guard let parts else { return }
    parts.publisher.start { [self] result in
      guard case .success = result else { return }
      parts.publishLink.markUsable()
      parts.pipeline.publisherIsAvailable()
      parts.consumeLink.startIfNeeded()
      startConsuming()
    }
  }

  /// The topology is declared over the consuming connection, so that a missing permission or a mismatch shows there.
  private func prepareConsuming() {
    guard let parts else { return }
    let topology = parts.topology
    let requests =
      switch configuration.amqp.topology {
      case .apply: topology.declarations
      case .verify: topology.checks
      case .off: [BrokerRequest]()
      }
    TopologyInstaller.run(requests, on: parts.consumeLink) { [self] result in
      guard case .success = result else { return }
      startConsuming()
    }
  }

  /// Consumes when everything is there that a request needs: a way to publish, a token, an open gate.
  private func startConsuming() {
    guard phase == .running, let parts, parts.consumeLink.isOpen, parts.publishLink.isOpen, !parts.consumer.isConsuming,
      isGatePassable
    else { return }
    parts.tokens.withToken(newerThan: nil) { [self] result in
      switch result {
      case .success(let grant):
        parts.tokens.wasNotUsed(grant.generation)
        consume(parts)
      case .failure(let failure): everyoneSuffers(failure)
      }
    }
  }

  private var isGatePassable: Bool {
    if case .closed = gate.state { false } else { pausedUntil == nil }
  }

  private func consume(_ parts: Parts) {
    guard phase == .running, parts.consumeLink.isOpen, !parts.consumer.isConsuming, !parts.isStartingConsumer else {
      return
    }
    parts.isStartingConsumer = true
    guard slowStart.pace == .unknown else { return startConsumer(parts) }
    countWaiting(configuration.amqp.consumedQueues[...], parts) { [self] waiting in
      guard let waiting, phase == .running, isGatePassable else {
        parts.isStartingConsumer = false
        return
      }
      slowStart.begins(waiting: waiting)
      startConsumer(parts)
    }
  }

  /// The messages that wait in all of the queues; nil when one cannot be looked at.
  private func countWaiting(
    _ queues: ArraySlice<String>, _ parts: Parts, counted: Int = 0, _ completion: @escaping (Int?) -> Void
  ) {
    guard let queue = queues.first else { return completion(counted) }
    parts.consumeLink.request(.declareQueue(.init(queue, passive: true))) { [self] result in
      guard case .success(.queue(let status)) = result else { return completion(nil) }
      countWaiting(queues.dropFirst(), parts, counted: counted + Int(status.messageCount), completion)
    }
  }

  private func startConsumer(_ parts: Parts) {
    let isCareful = gate.state == .probing || slowStart.pace == .careful
    let prefetch = isCareful ? 1 : UInt16(clamping: configuration.amqp.prefetch)
    parts.pipeline.resumeTakingWork()
    parts.pipeline.permits.limiter.isProbing = gate.state == .probing
    parts.consumer.start(prefetch: prefetch) { [self] result in
      parts.isStartingConsumer = false
      guard case .success = result else { return }
      parts.consumeLink.markUsable()
      parts.hasConsumed = true
      ProgramPages.release()
      // The gate may have been closed meanwhile. A consumer that gives everything back would make poison of it.
      guard phase == .running, isGatePassable else { return stopConsuming(parts) }
      logger.notice(
        "consuming",
        metadata: [
          "queue": "\(configuration.amqp.consumedQueues.joined(separator: " "))", "prefetch": "\(prefetch)",
        ])
    }
  }

  /// After a start, one message at a time until those that came again and again are through.
  private func watchStart(_ delivery: Delivery) {
    if slowStart.delivered(
      isRedelivered: delivery.envelope.isRedelivered, earlierDeliveries: delivery.earlierDeliveries)
    {
      parts?.consumer.cancel { _ in }
      if let parts { consumeAnew(parts) }
    }
    if slowStart.pace == .full { parts?.pipeline.onTaken = nil }
  }

  // MARK: Gate

  private func everyoneSuffers(_ failure: CallFailure) {
    let members = parts?.pipeline.permits.limiter.members ?? 1
    let effect = gate.close(failure, members: members, jitter: .random(in: 0..<1), now: now)
    apply(effect)
    if gate.isFleetWide, effect != .none { tellOfOutage() }
  }

  private func serviceAnswered() {
    let effect = gate.succeeded()
    guard effect != .none else { return }
    apply(effect)
    correctFleet()
  }

  func apply(_ effect: ConsumptionGate.Effect) {
    guard phase == .running, let parts else { return }
    switch effect {
    case .none: break
    case .stopConsuming(let until):
      parts.pipeline.counters.gateClosings += 1
      gateClosedAt = gateClosedAt ?? WallClock.milliseconds()
      logger.error(
        "requests wait in the queue: every call would fail",
        metadata: [
          "code": "\(gate.failure?.code.rawValue ?? "unknown")",
          "backend_code": "\(gate.failure?.backend.code ?? "none")",
          "advice": "\(gate.failure?.advice ?? "none")", "probe_in_ms": "\((until - now).milliseconds)",
        ])
      wakeGate(at: until)
      stopConsuming(parts)
    case .wait(let until): wakeGate(at: until)
    case .askForTurn: askForTurn(parts.pipeline.permits)
    case .probe:
      logger.notice("probing with one request")
      if gate.isFleetWide { prolongTurn() }
      consumeAnew(parts)
    case .consume:
      gateClosedAt = nil
      logger.notice("calls succeed again")
      parts.consumer.cancel { _ in }
      consumeAnew(parts)
    }
  }

  /// The service allows no call for long: requests wait in the queue, where others may take them.
  private func pause(until time: Duration) {
    guard phase == .running, let parts, time > pausedUntil ?? now else { return }
    if pausedUntil == nil {
      logger.notice(
        "requests wait in the queue: the limit is used up", metadata: ["pause_ms": "\((time - now).milliseconds)"])
      stopConsuming(parts)
    }
    pausedUntil = time
    pauseTimer?.arm(at: MonotonicInstant(nanoseconds: time.saturatingNanoseconds))
  }

  private func resume() {
    pausedUntil = nil
    guard phase == .running, let parts, isGatePassable else { return }
    consumeAnew(parts)
  }

  private func stopConsuming(_ parts: Parts) {
    parts.consumer.cancel { _ in }
    parts.pipeline.stopTakingWork()
  }

  /// Consumes over a fresh channel, as soon as nothing is in work that the loss of the old one would spoil.
  private func consumeAnew(_ parts: Parts) {
    guard parts.consumeLink.isOpen, parts.hasConsumed else { return startConsuming() }
    parts.wantsRestart = true
    restartIfIdle()
  }

  private func restartIfIdle() {
    guard phase == .running, let parts, parts.wantsRestart, parts.pipeline.inFlight == 0 else { return }
    parts.wantsRestart = false
    parts.hasConsumed = false
    parts.consumeLink.restart()
  }

  // MARK: End

  /// Called whenever something ended that a shutdown may wait for.
  private func drained() {
    guard phase == .draining, let parts, !parts.consumer.isConsuming, parts.pipeline.inFlight == 0 else { return }
    close(parts)
  }

  private func shutdownTimedOut() {
    guard let parts, phase == .draining || phase == .closing else { return }
    logger.error(
      "the time for shutting down is over; the broker will deliver again what is in work",
      metadata: ["in_work": "\(parts.pipeline.inFlight)"])
    finish()
  }

  private func close(_ parts: Parts) {
    phase = .closing
    parts.secretWatcher?.stop()
    parts.tokens.stop()
    parts.pipeline.permits.leaveFleet { parts.shared.stop() }
    parts.client.shutdown()
    let tracer = parts.pipeline.tracer
    parts.openLinks = 2 + (parts.requesters == nil ? 0 : 1) + (tracer == nil ? 0 : 1)
    parts.consumeLink.stop()
    parts.publishLink.stop()
    parts.requesters?.stop { [self] in closed() }
    tracer?.exporter.finish { [self] in closed() }
  }

  private func closed() {
    guard phase == .closing, let parts else { return }
    parts.openLinks -= 1
    if parts.openLinks == 0 { finish() }
  }

  private func finish() {
    guard phase != .over else { return }
    phase = .over
    if let parts {
      logger.notice("stopped", metadata: ["acknowledged": "\(parts.pipeline.counters.acknowledged)"])
    }
    shutdownTimer?.invalidate()
    gateTimer?.invalidate()
    pauseTimer?.invalidate()
    watcher?.stop()
    finished?.resume()
    finished = nil
  }
}

extension Duration {
  fileprivate var milliseconds: Int64 { saturatingNanoseconds / 1_000_000 }
}
