internal import AMQP
internal import EventLoop
internal import OCRContract

/// A connection for one operation: awaited instead of called back, and not made again when it is lost.
///
/// Isolation: not `Sendable`; belongs to its desk's loop.
final class DeskLink {
  let link: Link
  /// Why the connection has ended, once it has.
  private(set) var failure: DeadLetterError?
  /// Called when the connection ends by itself.
  var onLost: () -> Void = {}

  private var attemptsLeft: Int
  private var opening: CheckedContinuation<Result<Void, DeadLetterError>, Never>?
  private var closing: CheckedContinuation<Void, Never>?
  private var isClosed = false

  init(endpoints: [BrokerEndpoint], options: ConnectionOptions, reactor: Reactor) {
    attemptsLeft = endpoints.count
    link = Link(endpoints: endpoints, options: options, reactor: reactor, pool: BufferPool(idleLimit: 8 << 20))
    link.onEvent = { [unowned self] in handle($0) }
  }

  /// Connects to the first reachable endpoint.
  func open() async throws(DeadLetterError) {
    let result = await withCheckedContinuation { continuation in
      opening = continuation
      link.start()
    }
    try result.get()
  }

  /// Closes in order; what is not acknowledged goes back to its queue.
  func close() async {
    guard !isClosed else { return }
    isClosed = true
    await withCheckedContinuation { continuation in
      closing = continuation
      link.stop()
    }
    link.onEvent = { _ in }
  }

  private func handle(_ event: LinkEvent) {
    switch event {
    case .connected: opened(.success(()))
    case .disconnected(let reason, _, _): disconnected(reason)
    case .blocked, .unblocked: break
    case .stopped:
      closing?.resume()
      closing = nil
    }
  }

  private func opened(_ result: Result<Void, DeadLetterError>) {
    opening?.resume(returning: result)
    opening = nil
  }

  private func disconnected(_ reason: ConnectionFailure) {
    guard opening != nil else {
      failure = failure ?? Self.error(for: reason)
      isClosed = true
      link.stop()
      return onLost()
    }
    attemptsLeft -= 1
    guard attemptsLeft <= 0 else { return }
    isClosed = true
    link.stop()
    opened(.failure(.brokerUnreachable(reason.description)))
  }

  /// Sends a request and awaits the broker's answer; of a queue's declaration that is its state.
  @discardableResult
  func request(_ request: BrokerRequest) async throws(DeadLetterError) -> QueueStatus? {
    let result = await withCheckedContinuation { continuation in
      self.request(request) { continuation.resume(returning: $0) }
    }
    return try result.get()
  }

  /// The same, called back with the answer.
  func request(_ request: BrokerRequest, _ completion: @escaping (Result<QueueStatus?, DeadLetterError>) -> Void) {
    link.request(request) { answer in
      switch answer {
      case .success(.queue(let status)): completion(.success(status))
      case .success: completion(.success(nil))
      case .failure(let failure): completion(.failure(Self.error(for: failure)))
      }
    }
  }

  /// The state of a queue that must exist.
  func status(of queue: String) async throws(DeadLetterError) -> QueueStatus {
    guard let status = try await request(.declareQueue(.init(queue, passive: true))) else {
      throw .connectionLost("the broker did not tell the state of \(queue)")
    }
    return status
  }

  private static func error(for failure: ConnectionFailure) -> DeadLetterError {
    switch failure.replyCode {
    case 405 where failure.detail.contains(QueueName.deadLetterLock): .busy
    case 404: .refused("\(failure.detail); has a relay been started on this broker?")
    case 403, 405: .refused(failure.detail)
    default: .connectionLost(failure.description)
    }
  }
}
