internal import AMQP
internal import EventLoop
internal import OCRContract

/// Sends recognition requests to relays and awaits their answers. Any number of requests may be under way at once.
///
/// One connection, one channel, one thread of its own; safe to call from any task.
public actor OCRClient {
  private nonisolated let loop: EventLoop
  /// The client's own loop, as the actor's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private let options: OCRClientOptions
  private let endpoints: [BrokerEndpoint]
  private var link: Link?
  private var publisher: ConfirmingPublisher?
  private var consumer: Consumer?
  private var replyAddress: String?
  private var waiting: [String: Waiting] = [:]
  private var opening: CheckedContinuation<Result<Void, OCRClientError>, Never>?
  private var closing: CheckedContinuation<Void, Never>?
  private var failedAttempts = 0
  private var isClosed = false

  private struct Waiting {
    var continuation: CheckedContinuation<Result<OCRReply, OCRClientError>, Never>
    var timer: LoopTimer
  }

  /// Connects to the first reachable host of an AMQP URL.
  public static func connect(
    url: String, options: OCRClientOptions = OCRClientOptions()
  ) async throws(OCRClientError) -> OCRClient {
    let endpoints: [BrokerEndpoint]
    do throws(AMQPURL.Problem) {
      endpoints = try AMQPURL.parse(url)
    } catch {
      throw .invalidURL(error.description)
    }
    let client: OCRClient
    do throws(EventLoopError) {
      client = OCRClient(loop: try EventLoop(name: "ocr-client"), endpoints: endpoints, options: options)
    } catch {
      throw .brokerUnreachable(error.description)
    }
    try await client.open()
    return client
  }

  private init(loop: EventLoop, endpoints: [BrokerEndpoint], options: OCRClientOptions) {
    self.loop = loop
    self.endpoints = endpoints
    self.options = options
  }

  /// Sends a request and awaits its answer, its timeout or the loss of the connection.
  public func recognize(_ request: OCRRequest) async throws(OCRClientError) -> OCRReply {
    guard !isClosed, let publisher else { throw .closed }
    guard let replyAddress else { throw .connectionLost("not connected again yet") }
    // The reply is matched by an id of its own: two requests may carry the same idempotency key on purpose.
    let correlationID = RandomID.make()
    let message = RequestMessage.make(
      request, correlationID: correlationID, replyTo: replyAddress, queue: options.queue)
    let result = await withCheckedContinuation { continuation in
      let timer = loop.reactor.makeTimer { [self] in finish(correlationID, .failure(.timedOut)) }
      timer.arm(after: request.timeout)
      waiting[correlationID] = Waiting(continuation: continuation, timer: timer)
      publisher.publish(message) { [self] outcome in published(correlationID, outcome) }
    }
    return try result.get()
  }

  /// Closes the connection. Requests under way fail with `closed`.
  public func close() async {
    guard !isClosed else { return }
    isClosed = true
    failAll(.closed)
    publisher?.abandonUnsettled()
    if let link {
      await withCheckedContinuation { continuation in
        closing = continuation
        link.stop()
      }
    }
    link = nil
    consumer = nil
    publisher = nil
    loop.stop()
  }

  // MARK: Connection

  private func open() async throws(OCRClientError) {
    let connection = ConnectionOptions(
      connectionName: "ocr-client", connectTimeout: options.connectTimeout, bodyLimit: options.replyLimit,
      tls: options.tls)
    let link = Link(endpoints: endpoints, options: connection, reactor: loop.reactor, pool: BufferPool())
    link.onEvent = { [self] in handle($0) }
    self.link = link
    publisher = ConfirmingPublisher(link: link)
    let result = await withCheckedContinuation { continuation in
      opening = continuation
      link.start()
    }
    do {
      try result.get()
    } catch {
      await close()
      throw error
    }
  }

  private func handle(_ event: LinkEvent) {
    switch event {
    case .connected: prepare()
    case .disconnected(let failure, _, _): disconnected(failure)
    case .blocked, .unblocked: break
    case .stopped:
      closing?.resume()
      closing = nil
    }
  }

  private func disconnected(_ failure: ConnectionFailure) {
    replyAddress = nil
    failedAttempts += 1
    if failedAttempts >= endpoints.count { opened(.failure(.brokerUnreachable(failure.description))) }
    if case .queue = options.replyMode { return }
    // The reply address is gone with the connection, so nobody would see an answer.
    publisher?.abandonUnsettled()
    failAll(.connectionLost(failure.description))
  }

  private func prepare() {
    switch options.replyMode {
    case .direct: consume(from: ReplyAddress.direct)
    case .exclusiveQueue: declare(QueueDeclaration("", durable: false, exclusive: true, autoDelete: true))
    case .queue(let name): declare(QueueDeclaration(name, arguments: ["x-queue-type": .string("quorum")]))
    }
  }

  private func declare(_ queue: QueueDeclaration) {
    link?.request(.declareQueue(queue)) { [self] result in
      guard case .success(.queue(let status)) = result else { return }
      consume(from: status.name)
    }
  }

  /// Consuming comes before the first publish: direct reply-to demands it.
  private func consume(from queue: String) {
    guard let link else { return }
    if consumer == nil {
      let consumer = Consumer(
        link: link, prefetch: 100, consumerTag: "replies", acknowledges: options.replyMode != .direct)
      consumer.onDelivery = { [self] delivery in received(delivery) }
      self.consumer = consumer
    }
    consumer?.start(queue: queue) { [self] result in
      guard case .success = result else { return }
      publisher?.start { [self] result in
        guard case .success = result else { return }
        link.markUsable()
        replyAddress = queue
        opened(.success(()))
      }
    }
  }

  private func opened(_ result: Result<Void, OCRClientError>) {
    opening?.resume(returning: result)
    opening = nil
  }

  // MARK: Answers

  private func published(_ correlationID: String, _ outcome: PublishOutcome) {
    switch outcome {
    case .confirmed: break
    case .returned(let reason): finish(correlationID, .failure(.unroutable(reason.text)))
    case .refused: finish(correlationID, .failure(.refused))
    case .unsendable(let reason): finish(correlationID, .failure(.invalidRequest(reason)))
    }
  }

  private func received(_ delivery: Delivery) {
    consumer?.settle(delivery.id, .ack)
    guard let correlationID = delivery.properties.correlationID else { return }
    finish(correlationID, ReplyMessage.read(delivery))
  }

  private func finish(_ correlationID: String, _ result: Result<OCRReply, OCRClientError>) {
    guard let entry = waiting.removeValue(forKey: correlationID) else { return }
    entry.timer.invalidate()
    entry.continuation.resume(returning: result)
  }

  private func failAll(_ error: OCRClientError) {
    for correlationID in Array(waiting.keys) { finish(correlationID, .failure(error)) }
  }
}
