import EventLoop
import Glibc

@testable import AMQP

/// A link with a consumer and a publisher on a loop of their own, for tests that call from anywhere.
///
/// It sets up what it was asked to after each `connected` event, as the service's own actors do.
actor LinkDriver {
  /// A delivery, copied out of the loop's memory.
  struct Message: Sendable {
    var id: DeliveryID
    var envelope: DeliveryEnvelope
    var properties: MessageProperties
    var body: [UInt8]
    var defect: Delivery.Defect?
  }

  /// The answer to a request, copied out of the loop's memory.
  enum Answer: Sendable, Equatable {
    case done
    case queue(QueueStatus)
    case consumer(String)
    case message([UInt8]?, remaining: UInt32)
  }

  /// What the driver sets up on each connection.
  struct Roles: Sendable {
    var publishes = false
    var queue: String?
    var prefetch: UInt16 = 100
    var acknowledges = true
  }

  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private let roles: Roles
  private let endpoints: [BrokerEndpoint]
  private let options: ConnectionOptions
  private var parts: Parts?
  private var events: [LinkEvent] = []
  private var eventWaiters: [EventWaiter] = []
  private var deliveries: [Message] = []
  private var deliveryWaiters: [CheckedContinuation<Message, Never>] = []
  private var readyWaiters: [CheckedContinuation<Void, Never>] = []
  private(set) var isReady = false
  private(set) var lostConnections = 0
  private weak var stoppedLink: Link?

  private struct EventWaiter {
    var isWanted: @Sendable (LinkEvent) -> Bool
    var continuation: CheckedContinuation<LinkEvent, Never>
  }

  private struct Parts {
    var link: Link
    var publisher: ConfirmingPublisher?
    var consumer: Consumer?
  }

  init(_ endpoints: [BrokerEndpoint], _ roles: Roles = .init(), options: ConnectionOptions? = nil) throws {
    loop = try EventLoop(name: "driver")
    self.endpoints = endpoints
    self.roles = roles
    self.options = options ?? Self.quickOptions()
  }

  init(_ url: String, _ roles: Roles = .init(), options: ConnectionOptions? = nil) throws {
    try self.init(try AMQPURL.parse(url), roles, options: options)
  }

  deinit {
    loop.stop()
  }

  /// Options that connect again soon.
  static func quickOptions() -> ConnectionOptions {
    ConnectionOptions(connectionName: "test", reconnectDelay: .milliseconds(20)...(.milliseconds(200)))
  }

  // MARK: Life

  func start() {
    let link = Link(endpoints: endpoints, options: options, reactor: loop.reactor, pool: BufferPool())
    var parts = Parts(link: link)
    if roles.publishes { parts.publisher = ConfirmingPublisher(link: link) }
    if let queue = roles.queue {
      let consumer = Consumer(
        link: link, queue: queue, prefetch: roles.prefetch, consumerTag: "test", acknowledges: roles.acknowledges)
      consumer.onDelivery = { [self] in received($0) }
      consumer.onLost = { [self] in lostConnections += 1 }
      parts.consumer = consumer
    }
    link.onEvent = { [self] in note($0) }
    self.parts = parts
    link.start()
  }

  /// Starts, and waits until everything is set up.
  func startAndWait() async {
    start()
    await ready()
  }

  /// Waits until everything is set up on the present connection.
  func ready() async {
    if isReady { return }
    let deadline = loop.reactor.deadline(for: "everything to be set up") { [self] in "\(events)" }
    await withCheckedContinuation { readyWaiters.append($0) }
    deadline.invalidate()
  }

  /// Stops the link and waits for its end.
  func stop() async {
    parts?.link.stop()
    _ = await event { $0 == .stopped }
    // The handlers hold this actor.
    parts?.link.onEvent = { _ in }
    parts?.consumer?.onDelivery = { _ in }
    parts?.consumer?.onLost = {}
    stoppedLink = parts?.link
    parts = nil
  }

  /// Whether the link still exists after `stop`.
  var hasLeakedLink: Bool { stoppedLink != nil }

  func markUsable() { parts?.link.markUsable() }
  func fail(_ failure: ConnectionFailure) { parts?.link.fail(failure) }

  var isOpen: Bool { parts?.link.isOpen ?? false }
  var isBlocked: Bool { parts?.link.isBlocked ?? false }
  var epoch: UInt32 { parts?.link.epoch ?? 0 }
  var outstanding: Int { parts?.consumer?.outstanding ?? 0 }
  var unsettled: Int { parts?.publisher?.unsettled ?? 0 }

  private func note(_ event: LinkEvent) {
    switch event {
    case .connected: setUp()
    case .disconnected: isReady = false
    default: break
    }
    events.append(event)
    answerEventWaiters()
  }

  private func setUp() {
    parts?.consumer?.start { [self] in if case .success = $0, parts?.publisher == nil { becomeReady() } }
    parts?.publisher?.start { [self] in if case .success = $0 { becomeReady() } }
    if parts?.consumer == nil, parts?.publisher == nil { becomeReady() }
  }

  private func becomeReady() {
    isReady = true
    let waiters = readyWaiters
    readyWaiters = []
    for waiter in waiters { waiter.resume() }
  }

  // MARK: Events

  /// The first event from now on, or not asked for yet, that is wanted; earlier ones are dropped.
  @discardableResult
  func event(where isWanted: @escaping @Sendable (LinkEvent) -> Bool) async -> LinkEvent {
    let deadline = loop.reactor.deadline(for: "an event of the link") { [self] in "\(events), open: \(isOpen)" }
    defer { deadline.invalidate() }
    return await withCheckedContinuation { continuation in
      eventWaiters.append(EventWaiter(isWanted: isWanted, continuation: continuation))
      answerEventWaiters()
    }
  }

  /// Drops the events that nobody asked for.
  func forgetEvents() { events = [] }

  /// The next failure to connect or loss of a connection.
  func failure() async -> ConnectionFailure {
    let event = await event { if case .disconnected = $0 { true } else { false } }
    guard case .disconnected(let failure, _, _) = event else { preconditionFailure("LinkDriver.failure: \(event)") }
    return failure
  }

  private func answerEventWaiters() {
    while let waiter = eventWaiters.first, let index = events.firstIndex(where: waiter.isWanted) {
      eventWaiters.removeFirst()
      let event = events[index]
      events.removeFirst(index + 1)
      waiter.continuation.resume(returning: event)
    }
  }

  // MARK: Requests

  @discardableResult
  func request(_ request: BrokerRequest) async throws -> Answer {
    let result: Result<Answer, ConnectionFailure> = await withCheckedContinuation { continuation in
      guard let link = parts?.link else { preconditionFailure("LinkDriver.request before start") }
      link.request(request) { continuation.resume(returning: $0.map(Self.answer)) }
    }
    return try result.get()
  }

  private static func answer(_ reply: BrokerReply) -> Answer {
    switch reply {
    case .done: .done
    case .queue(let status): .queue(status)
    case .consumer(let tag): .consumer(tag)
    case .message(let delivery, let remaining): .message(delivery.map { Array($0.body.bytes) }, remaining: remaining)
    }
  }

  // MARK: Publishing

  func publish(
    _ body: [UInt8], exchange: String = "", key: String, isMandatory: Bool = true,
    properties: OutgoingProperties = OutgoingProperties()
  ) async -> PublishOutcome {
    await withCheckedContinuation { continuation in
      guard let publisher = parts?.publisher else { preconditionFailure("LinkDriver.publish without that role") }
      let message = OutgoingMessage(
        exchange: exchange, routingKey: key, isMandatory: isMandatory, properties: properties, body: .bytes(body))
      publisher.publish(message) { continuation.resume(returning: $0) }
    }
  }

  /// Publishes all of them in one turn; the outcomes are in the same order.
  func publish(
    all bodies: [[UInt8]], exchange: String = "", key: String, properties: OutgoingProperties = OutgoingProperties()
  ) async -> [PublishOutcome] {
    await withCheckedContinuation { continuation in
      guard let publisher = parts?.publisher else { preconditionFailure("LinkDriver.publish without that role") }
      var outcomes = [PublishOutcome?](repeating: nil, count: bodies.count)
      var missing = bodies.count
      for (index, body) in bodies.enumerated() {
        let message = OutgoingMessage(exchange: exchange, routingKey: key, properties: properties, body: .bytes(body))
        publisher.publish(message) { outcome in
          outcomes[index] = outcome
          missing -= 1
          if missing == 0 { continuation.resume(returning: outcomes.compactMap { $0 }) }
        }
      }
    }
  }

  /// Publishes what the publisher's own checks would refuse, with a header size of up to a frame.
  func publishUnchecked(_ body: [UInt8], key: String, properties: OutgoingProperties) async -> PublishOutcome {
    await withCheckedContinuation { continuation in
      guard let publisher = parts?.publisher else { preconditionFailure("LinkDriver.publish without that role") }
      let message = OutgoingMessage(exchange: "", routingKey: key, properties: properties, body: .bytes(body))
      publisher.publishUnchecked(message) { continuation.resume(returning: $0) }
    }
  }

  /// Publishes in the answer to a request that is expected to fail.
  func publishWhenRequestFails(_ request: BrokerRequest, _ body: [UInt8], key: String) async -> PublishOutcome {
    await withCheckedContinuation { continuation in
      guard let parts, let publisher = parts.publisher else {
        preconditionFailure("LinkDriver.publishWhenRequestFails without that role")
      }
      parts.link.request(request) { _ in
        let message = OutgoingMessage(
          exchange: "", routingKey: key, properties: OutgoingProperties(), body: .bytes(body))
        publisher.publish(message) { continuation.resume(returning: $0) }
      }
    }
  }

  // MARK: Consuming

  /// The next delivery.
  func delivery() async -> Message {
    if !deliveries.isEmpty { return deliveries.removeFirst() }
    let deadline = loop.reactor.deadline(for: "a delivery") { [self] in "\(events), outstanding: \(outstanding)" }
    defer { deadline.invalidate() }
    return await withCheckedContinuation { deliveryWaiters.append($0) }
  }

  var waitingDeliveries: Int { deliveries.count }

  @discardableResult
  func settle(_ message: Message, _ settlement: Consumer.Settlement = .ack) -> Bool {
    parts?.consumer?.settle(message.id, settlement) ?? false
  }

  /// Settles and stops in one turn.
  func settleAndStop(_ message: Message) async -> Bool {
    let settled = settle(message)
    await stop()
    return settled
  }

  func cancel() async throws {
    let result: Result<Void, ConnectionFailure> = await withCheckedContinuation { continuation in
      guard let consumer = parts?.consumer else { preconditionFailure("LinkDriver.cancel without that role") }
      consumer.cancel { continuation.resume(returning: $0) }
    }
    try result.get()
  }

  func pauseReading() { parts?.consumer?.pauseReading() }
  func resumeReading() { parts?.consumer?.resumeReading() }

  private func received(_ delivery: Delivery) {
    let message = Message(
      id: delivery.id, envelope: delivery.envelope, properties: delivery.properties, body: Array(delivery.body.bytes),
      defect: delivery.defect)
    guard deliveryWaiters.isEmpty else { return deliveryWaiters.removeFirst().resume(returning: message) }
    deliveries.append(message)
  }
}
