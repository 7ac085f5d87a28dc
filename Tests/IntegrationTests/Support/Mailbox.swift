import AMQP

/// A publisher and consumer of one connection, for tests that call from anywhere. Messages that arrive are kept until
/// somebody asks for them. The connection ends with the last reference.
final class Mailbox: Sendable {
  /// A received message, copied out of the loop's memory.
  struct Message: Sendable {
    var properties: MessageProperties
    var body: [UInt8]
    var exchange: String
    var routingKey: String

    var headers: HeaderTable { properties.headers }
  }

  /// Where it consumes.
  enum Source: Sendable {
    case nothing
    case queue(String)
    /// A queue that the broker names and that ends with the connection.
    case ownQueue
    /// The broker's direct reply-to.
    case direct
    /// A queue of its own, bound to an exchange.
    case bound(exchange: String, key: String)
  }

  private let connection: MailboxConnection

  private init(_ connection: MailboxConnection) {
    self.connection = connection
  }

  deinit { Task { [connection] in await connection.close() } }

  /// Connects and begins to consume.
  static func open(_ url: String, _ source: Source = .nothing) async throws -> Mailbox {
    let mailbox = Mailbox(try MailboxConnection(source))
    await mailbox.connection.start(try AMQPURL.parse(url))
    return mailbox
  }

  /// Ends the connection now.
  func close() async { await connection.close() }

  /// The queue it consumes from.
  var queue: String { get async { await connection.queue } }

  /// Messages that nobody asked for yet.
  var waiting: [Message] { get async { await connection.waiting } }

  /// Publishes; the outcome tells whether a queue has it.
  @discardableResult
  func publish(
    _ body: [UInt8], exchange: String = "", key: String, _ properties: OutgoingProperties
  ) async -> PublishOutcome {
    await connection.publish(body, exchange: exchange, key: key, properties)
  }

  /// The first message, from now on or kept, that is wanted.
  func message(where isWanted: @escaping @Sendable (Message) -> Bool = { _ in true }) async -> Message {
    await connection.message(where: isWanted)
  }

  /// The reply to the request with this correlation id.
  func reply(to id: String) async -> Message {
    await message { $0.properties.correlationID == id }
  }

  /// How many messages wait in a queue.
  func waiting(in queue: String) async throws -> Int { try await connection.waiting(in: queue) }

  /// A synchronous request whose answer does not matter; a failure is thrown.
  func request(_ request: BrokerRequest) async throws { try await connection.request(request) }
}
