internal import AMQP
internal import EventLoop

/// A conversation with the broker for looking at it: question by question, over a new connection where the broker has
/// closed the last one because of a question.
///
/// Isolation: not `Sendable`; belongs to the loop of its reactor.
final class BrokerVisit {
  /// The answer to a question.
  enum Answer: Sendable, Equatable {
    case done
    case queue(messages: Int, consumers: Int)
    /// A message was fetched, or there was none. A fetched one goes back to its queue with the connection.
    case message(isThere: Bool)
  }

  /// What came of a message that no queue is meant to take.
  enum PublishAnswer: Sendable, Equatable {
    case permitted
    case refused(String)
    /// The broker takes no messages for lack of memory or disk.
    case blocked(String)
    case silence
  }

  private let endpoints: [BrokerEndpoint]
  private let options: ConnectionOptions
  private let reactor: Reactor
  private let pool = BufferPool()
  private var link: Link?
  /// The link's publisher once it has switched confirms on: numbers of messages count from there.
  private var publisher: ConfirmingPublisher?
  private var opening: CheckedContinuation<Result<Opened, ConnectionFailure>, Never>?
  private var closing: CheckedContinuation<Void, Never>?
  private var publishing: CheckedContinuation<PublishAnswer, Never>?

  /// An open connection.
  struct Opened: Sendable {
    var endpoint: BrokerEndpoint
    var version: String?
  }

  init(endpoints: [BrokerEndpoint], options: ConnectionOptions, reactor: Reactor) {
    self.endpoints = endpoints
    self.options = options
    self.reactor = reactor
  }

  /// Connects to the first of the endpoints that can be reached.
  func open() async -> Result<Opened, ConnectionFailure> {
    var failure = ConnectionFailure(.unreachable, "no broker is configured")
    for endpoint in endpoints {
      switch await open(endpoint) {
      case .success(let opened): return .success(opened)
      case .failure(let reason): failure = reason
      }
    }
    return .failure(failure)
  }

  /// Asks a question, over a new connection if there is none.
  func ask(_ request: BrokerRequest) async -> Result<Answer, ConnectionFailure> {
    if link == nil, case .failure(let failure) = await open() { return .failure(failure) }
    guard let link else { return .failure(.init(.connectionLost, "there is no connection to the broker")) }
    return await withCheckedContinuation { continuation in
      link.request(request) { continuation.resume(returning: $0.map(Self.answer)) }
    }
  }

  /// Publishes a message with a routing key that no queue is bound with, to see whether that is permitted.
  func tryPublishing(to exchange: String, timeout: Duration) async -> PublishAnswer {
    if link == nil, case .failure(let failure) = await open() { return .refused("\(failure)") }
    guard let link else { return .silence }
    let timer = reactor.makeTimer { [unowned self] in published(.silence) }
    defer { timer.invalidate() }
    timer.arm(after: timeout)
    return await withCheckedContinuation { continuation in
      publishing = continuation
      if let publisher { return publish(to: exchange, by: publisher) }
      let publisher = ConfirmingPublisher(link: link)
      self.publisher = publisher
      publisher.start { [self] result in
        if case .success = result { publish(to: exchange, by: publisher) } else { published(.silence) }
      }
    }
  }

  private func publish(to exchange: String, by publisher: ConfirmingPublisher) {
    let message = OutgoingMessage(
      exchange: exchange, routingKey: Self.unboundKey, isMandatory: true, properties: OutgoingProperties(),
      body: .bytes([]))
    publisher.publish(message) { [self] in published(Self.answer($0)) }
  }

  /// How long the broker may take to say goodbye. With an alarm it reads nothing any more of who has published.
  private static let closingTime = Duration.seconds(2)

  /// Ends the connection, in order if the broker takes part.
  func close() async {
    guard let link else { return }
    let timer = reactor.makeTimer { link.fail(.init(.connectionLost, "the broker does not say goodbye")) }
    defer { timer.invalidate() }
    timer.arm(after: Self.closingTime)
    await withCheckedContinuation { continuation in
      closing = continuation
      link.stop()
    }
  }

  private static let unboundKey = "ocr-relay.doctor.nobody-is-bound-with-this"

  private func open(_ endpoint: BrokerEndpoint) async -> Result<Opened, ConnectionFailure> {
    let link = Link(endpoints: [endpoint], options: options, reactor: reactor, pool: pool)
    self.link = link
    return await withCheckedContinuation { continuation in
      opening = continuation
      link.onEvent = { [self] in handle($0, of: link) }
      link.start()
    }
  }

  private func handle(_ event: LinkEvent, of link: Link) {
    switch event {
    case .connected(let endpoint): opened(.success(Opened(endpoint: endpoint, version: link.brokerVersion)))
    case .disconnected(let failure, _, _):
      self.link = nil
      publisher = nil
      link.stop()
      opened(.failure(failure))
      published(.refused("\(failure)"))
    case .blocked(let reason): published(.blocked(reason))
    case .unblocked: break
    case .stopped:
      if self.link === link { self.link = nil }
      link.onEvent = { _ in }
      closing?.resume()
      closing = nil
    }
  }

  private func opened(_ result: Result<Opened, ConnectionFailure>) {
    opening?.resume(returning: result)
    opening = nil
  }

  private func published(_ answer: PublishAnswer) {
    publishing?.resume(returning: answer)
    publishing = nil
  }

  private static func answer(_ outcome: PublishOutcome) -> PublishAnswer {
    switch outcome {
    case .confirmed, .returned, .refused: .permitted
    case .unsendable(let reason): .refused(reason)
    }
  }

  private static func answer(_ reply: BrokerReply) -> Answer {
    switch reply {
    case .done, .consumer: .done
    case .queue(let status): .queue(messages: Int(status.messageCount), consumers: Int(status.consumerCount))
    case .message(let message, _): .message(isThere: message != nil)
    }
  }
}
