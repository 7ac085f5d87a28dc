import AMQP
import EventLoop

/// The connection of a ``Mailbox``, on a loop of its own. Its callbacks keep it alive until ``close()``.
actor MailboxConnection {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// The queue it consumes from.
  private(set) var queue = ""
  private let source: Mailbox.Source
  private var link: Link?
  private var publisher: ConfirmingPublisher?
  private var consumer: Consumer?
  private var ready: CheckedContinuation<Void, Never>?
  private var closing: CheckedContinuation<Void, Never>?
  private var kept: [Mailbox.Message] = []
  private var waiters: [Waiter] = []

  private var lastWaiter = 0

  private struct Waiter {
    var id: Int
    var isWanted: @Sendable (Mailbox.Message) -> Bool
    var continuation: CheckedContinuation<Mailbox.Message, Never>
  }

  init(_ source: Mailbox.Source) throws {
    loop = try EventLoop(name: "mailbox")
    self.source = source
  }

  /// Connects and begins to consume.
  func start(_ endpoints: [BrokerEndpoint]) async {
    let options = ConnectionOptions(
      connectionName: "test", bodyLimit: 64 << 20, reconnectDelay: .milliseconds(50)...(.milliseconds(200)))
    let link = Link(endpoints: endpoints, options: options, reactor: loop.reactor, pool: BufferPool())
    self.link = link
    publisher = ConfirmingPublisher(link: link)
    link.onEvent = { [self] event in handle(event) }
    await withCheckedContinuation { continuation in
      ready = continuation
      link.start()
    }
  }

  private func handle(_ event: LinkEvent) {
    switch event {
    case .connected: prepare()
    case .stopped:
      closing?.resume()
      closing = nil
    default: break
    }
  }

  /// Closes the connection and lets go of everything.
  func close() async {
    guard let link else { return }
    self.link = nil
    await withCheckedContinuation { continuation in
      closing = continuation
      link.stop()
    }
    link.onEvent = { _ in }
    consumer?.onDelivery = { _ in }
    loop.stop()
  }

  /// After each connection: the queue, the consumer, then the publisher.
  private func prepare() {
    switch source {
    case .nothing: startPublisher()
    case .queue(let name): consume(name)
    case .direct: consume("amq.rabbitmq.reply-to", acknowledges: false)
    case .ownQueue: declareOwn { [self] in consume($0) }
    case .bound(let exchange, let key):
      declareOwn { [self] name in
        link?.request(.bindQueue(queue: name, exchange: exchange, routingKey: key)) { [self] _ in
          consume(name)
        }
      }
    }
  }

  private func declareOwn(_ then: @escaping (String) -> Void) {
    let own = QueueDeclaration("", durable: false, exclusive: true, autoDelete: true)
    link?.request(.declareQueue(own)) { result in
      guard case .success(.queue(let status)) = result else { return }
      then(status.name)
    }
  }

  private func consume(_ queue: String, acknowledges: Bool = true) {
    guard let link else { return }
    self.queue = queue
    if consumer == nil {
      let consumer = Consumer(link: link, prefetch: 500, consumerTag: "test", acknowledges: acknowledges)
      consumer.onDelivery = { [self] delivery in received(delivery) }
      self.consumer = consumer
    }
    consumer?.start(queue: queue) { [self] result in if case .success = result { startPublisher() } }
  }

  private func startPublisher() {
    publisher?.start { [self] result in
      guard case .success = result else { return }
      ready?.resume()
      ready = nil
    }
  }

  // MARK: Messages

  /// Publishes; the outcome tells whether a queue has it.
  @discardableResult
  func publish(
    _ body: [UInt8], exchange: String = "", key: String, _ properties: OutgoingProperties
  ) async -> PublishOutcome {
    await withCheckedContinuation { continuation in
      guard let publisher else { preconditionFailure("MailboxConnection.publish before start") }
      let message = OutgoingMessage(exchange: exchange, routingKey: key, properties: properties, body: .bytes(body))
      publisher.publish(message) { continuation.resume(returning: $0) }
    }
  }

  /// The first message, from now on or kept, that is wanted. An empty one when the test's time is over.
  func message(where isWanted: @escaping @Sendable (Mailbox.Message) -> Bool) async -> Mailbox.Message {
    if let index = kept.firstIndex(where: isWanted) { return kept.remove(at: index) }
    lastWaiter += 1
    let id = lastWaiter
    return await withTaskCancellationHandler {
      await withCheckedContinuation { waiters.append(Waiter(id: id, isWanted: isWanted, continuation: $0)) }
    } onCancel: {
      Task { await giveUp(id) }
    }
  }

  private func giveUp(_ id: Int) {
    guard let index = waiters.firstIndex(where: { $0.id == id }) else { return }
    waiters.remove(at: index).continuation.resume(
      returning: Mailbox.Message(properties: MessageProperties(), body: [], exchange: "", routingKey: ""))
  }

  /// Messages that nobody asked for yet.
  var waiting: [Mailbox.Message] { kept }

  private func received(_ delivery: Delivery) {
    consumer?.settle(delivery.id, .ack)
    let message = Mailbox.Message(
      properties: delivery.properties, body: Array(delivery.body.bytes), exchange: delivery.envelope.exchange,
      routingKey: delivery.envelope.routingKey)
    if let index = waiters.firstIndex(where: { $0.isWanted(message) }) {
      waiters.remove(at: index).continuation.resume(returning: message)
    } else {
      kept.append(message)
    }
  }

  func waiting(in queue: String) async throws -> Int {
    let result: Result<Int, ConnectionFailure> = await withCheckedContinuation { continuation in
      guard let link else { preconditionFailure("MailboxConnection.waiting before start") }
      link.request(.declareQueue(.init(queue, passive: true))) { result in
        continuation.resume(
          returning: result.map { if case .queue(let status) = $0 { Int(status.messageCount) } else { 0 } })
      }
    }
    return try result.get()
  }

  /// A synchronous request whose answer does not matter; a failure is thrown.
  func request(_ request: BrokerRequest) async throws {
    let result: Result<Void, ConnectionFailure> = await withCheckedContinuation { continuation in
      guard let link else { preconditionFailure("MailboxConnection.request before start") }
      link.request(request) { continuation.resume(returning: $0.map { _ in }) }
    }
    try result.get()
  }
}
