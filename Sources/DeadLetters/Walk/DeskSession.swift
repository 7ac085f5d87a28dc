internal import AMQP
internal import EventLoop
internal import OCRContract

/// One operator's turn: a connection that reads, and one that holds the lock against others and publishes.
///
/// The broker ends the consumers of a closed connection before it returns their letters, so for a moment a queue seems
/// to hold too few. The lock is kept until they are back.
///
/// Isolation: not `Sendable`; belongs to its desk's loop.
final class DeskSession {
  let walk: LetterWalk
  let reading: DeskLink
  private let control: DeskLink
  private let reactor: Reactor
  private let publisher: ConfirmingPublisher?
  private let outcomes: Consumer?
  /// Called with the notices that the relays send to ``outcomeQueue``.
  var onOutcome: (_ replayID: String, OutcomeNotice) -> Void = { _, _ in }
  /// The session's own queue for notices; nil unless it was asked for.
  private(set) var outcomeQueue: String?

  /// What a session can do beside reading.
  enum Purpose { case reading, moving, replaying }

  /// Connects and takes the lock.
  static func open(
    endpoints: [BrokerEndpoint], options: DeskOptions, reactor: Reactor, for purpose: Purpose
  ) async throws(DeadLetterError) -> DeskSession {
    let session = DeskSession(endpoints: endpoints, options: options, reactor: reactor, for: purpose)
    do throws(DeadLetterError) {
      try await session.control.open()
      let lock = QueueDeclaration(QueueName.deadLetterLock, durable: false, exclusive: true, autoDelete: true)
      try await session.control.request(.declareQueue(lock))
      try await session.reading.open()
      try await session.startPublishing()
    } catch {
      await session.close()
      throw error
    }
    return session
  }

  private init(endpoints: [BrokerEndpoint], options: DeskOptions, reactor: Reactor, for purpose: Purpose) {
    func makeLink(_ name: String) -> DeskLink {
      var connection = ConnectionOptions(
        connectionName: "ocr-relay dead (\(name))", heartbeat: options.heartbeat,
        connectTimeout: options.connectTimeout, bodyLimit: Self.bodyLimit)
      connection.tls = options.tls
      return DeskLink(endpoints: endpoints, options: connection, reactor: reactor)
    }
    reading = makeLink("reading")
    walk = LetterWalk(link: reading, reactor: reactor)
    control = makeLink("control")
    self.reactor = reactor
    publisher = purpose == .reading ? nil : ConfirmingPublisher(link: control.link)
    outcomes =
      purpose == .replaying
      ? Consumer(link: control.link, prefetch: 100, consumerTag: "outcomes", acknowledges: false) : nil
  }

  /// The broker's own limit for messages.
  private static let bodyLimit = 128 << 20

  private func startPublishing() async throws(DeadLetterError) {
    guard let publisher else { return }
    if let outcomes {
      let own = QueueDeclaration("", durable: false, exclusive: true, autoDelete: true)
      let queue = try await control.request(.declareQueue(own))?.name ?? ""
      outcomes.onDelivery = { [unowned self] in noticed($0) }
      try await control.request(.consume(queue: queue, consumerTag: "outcomes", noAck: true))
      outcomeQueue = queue
    }
    let started = await withCheckedContinuation { continuation in
      publisher.start { continuation.resume(returning: $0) }
    }
    if case .failure(let failure) = started { throw .connectionLost(failure.description) }
    control.onLost = { [unowned self] in publishingLost() }
  }

  private func noticed(_ delivery: Delivery) {
    guard delivery.properties.type == MessageType.outcome, let id = delivery.properties.correlationID,
      let notice = OutcomeNotice(decoding: delivery.body.bytes)
    else { return }
    onOutcome(id, notice)
  }

  // MARK: Publishing

  private var publish: CheckedContinuation<Result<PublishOutcome, DeadLetterError>, Never>?

  /// Publishes a copy and awaits what becomes of it. One at a time.
  func publish(_ message: OutgoingMessage) async throws(DeadLetterError) -> PublishOutcome {
    guard let publisher else { preconditionFailure("DeskSession.publish in a session for reading") }
    if let failure = control.failure { throw failure }
    let result = await withCheckedContinuation { continuation in
      publish = continuation
      publisher.publish(message) { [self] outcome in published(.success(outcome)) }
    }
    return try result.get()
  }

  private func publishingLost() {
    publisher?.abandonUnsettled()
    published(.failure(control.failure ?? .connectionLost("it ended")))
  }

  private func published(_ result: Result<PublishOutcome, DeadLetterError>) {
    publish?.resume(returning: result)
    publish = nil
  }

  // MARK: End

  /// How long letters may take to come back before the turn ends all the same.
  private static let returnTime = Duration.seconds(5)
  private static let returnPause = Duration.milliseconds(5)

  /// Gives back what was only looked at and ends the turn.
  func close() async {
    if reading.failure == nil { try? await walk.giveBack() }
    await reading.close()
    let end = reactor.now + Self.returnTime
    for (queue, letters) in walk.rest {
      while control.failure == nil, reactor.now < end, await !isBack(queue, letters) {
        await withCheckedContinuation { continuation in
          reactor.schedule(after: Self.returnPause) { continuation.resume() }
        }
      }
    }
    await control.close()
  }

  private func isBack(_ queue: String, _ letters: Int) async -> Bool {
    guard let status = try? await control.status(of: queue) else { return true }
    return status.consumerCount == 0 && Int(status.messageCount) >= letters
  }
}
