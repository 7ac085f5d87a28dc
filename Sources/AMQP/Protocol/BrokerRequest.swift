/// A synchronous request to the broker on the session's channel.
public enum BrokerRequest: Sendable, Hashable {
  /// Creates an exchange, or checks it when `passive`.
  case declareExchange(
    name: String, kind: String, passive: Bool = false, durable: Bool = true, arguments: [String: FieldValue] = [:])
  /// Creates a queue, or checks it when `passive`.
  case declareQueue(QueueDeclaration)
  /// Binds a queue to an exchange.
  case bindQueue(queue: String, exchange: String, routingKey: String)
  /// Limits unacknowledged deliveries per consumer.
  case qos(prefetch: UInt16)
  /// Starts a consumer with manual acknowledgement, or without any when `noAck`.
  case consume(queue: String, consumerTag: String, noAck: Bool = false, exclusive: Bool = false)
  /// Ends a consumer.
  case cancel(consumerTag: String)
  /// Makes the broker confirm each published message.
  case confirmSelect
  /// Fetches one message.
  case get(queue: String, noAck: Bool = false)
  /// Removes the ready messages of a queue.
  case purgeQueue(String)
  /// Deletes a queue.
  case deleteQueue(String)
  /// Deletes an exchange.
  case deleteExchange(String)

  /// What makes the request impossible to send, if anything: a name over AMQP's 255 bytes.
  var defect: String? {
    names.contains { $0.utf8.count > 255 } ? "a name in a request to the broker is longer than 255 bytes" : nil
  }

  private var names: [String] {
    switch self {
    case .declareExchange(let name, let kind, _, _, _): [name, kind]
    case .declareQueue(let queue): [queue.name]
    case .bindQueue(let queue, let exchange, let routingKey): [queue, exchange, routingKey]
    case .consume(let queue, let consumerTag, _, _): [queue, consumerTag]
    case .cancel(let name), .get(let name, _), .purgeQueue(let name), .deleteQueue(let name), .deleteExchange(let name):
      [name]
    case .qos, .confirmSelect: []
    }
  }
}

/// A queue to declare.
public struct QueueDeclaration: Sendable, Hashable {
  /// Its name; empty lets the broker make one up.
  public var name: String
  /// Whether to check only that it exists.
  public var passive: Bool
  /// Whether it survives a restart of the broker.
  public var durable: Bool
  /// Whether it belongs to this connection alone and ends with it.
  public var exclusive: Bool
  /// Whether it ends with its last consumer.
  public var autoDelete: Bool
  /// Queue arguments, for example `x-queue-type`.
  public var arguments: [String: FieldValue]

  /// A durable queue unless said otherwise.
  public init(
    _ name: String, passive: Bool = false, durable: Bool = true, exclusive: Bool = false, autoDelete: Bool = false,
    arguments: [String: FieldValue] = [:]
  ) {
    self.name = name
    self.passive = passive
    self.durable = durable
    self.exclusive = exclusive
    self.autoDelete = autoDelete
    self.arguments = arguments
  }
}

/// The broker's answer to a ``BrokerRequest``.
///
/// Isolation: not `Sendable`, because a fetched message's body belongs to the loop's buffer pool.
public enum BrokerReply {
  /// Done; nothing else to tell.
  case done
  /// The state of a declared queue.
  case queue(QueueStatus)
  /// A consumer was started or ended.
  case consumer(tag: String)
  /// The fetched message and how many are left; nil when the queue was empty.
  case message(Delivery?, remaining: UInt32)
}
