/// A method that the broker sent, decoded.
enum ServerMethod: Equatable {
  case start(mechanisms: String)
  case secure
  case tune(channelMax: UInt16, frameMax: UInt32, heartbeat: UInt16)
  case openOK
  case connectionClose(CloseReason)
  case connectionCloseOK
  case blocked(reason: String)
  case unblocked
  case channelOpenOK
  case channelFlow(active: Bool)
  case channelClose(CloseReason)
  case channelCloseOK
  case queueDeclareOK(QueueStatus)
  case consumeOK(consumerTag: String)
  /// The broker ended the consumer, for example because its queue was deleted.
  case cancel(consumerTag: String)
  case cancelOK(consumerTag: String)
  /// With an envelope, which ``EnvelopeDecoder`` reads.
  case deliver
  case getOK(DeliveryEnvelope, messageCount: UInt32)
  case getEmpty
  case returned(ReturnReason)
  case ack(tag: UInt64, multiple: Bool)
  case nack(tag: UInt64, multiple: Bool)
  /// Any other reply that only says "done".
  case done(MethodID)
}

/// Why the broker closed a channel or a connection.
public struct CloseReason: Sendable, Hashable {
  /// The AMQP reply code, for example 404 or 406.
  public var code: UInt16
  /// The broker's text.
  public var text: String
  /// The number of the method that caused it; 0 when none did.
  var method: UInt32 = 0
}

/// What a queue declaration tells about the queue.
public struct QueueStatus: Sendable, Hashable {
  /// The queue's name; made up by the broker when the declaration left it empty.
  public var name: String
  /// Messages ready for delivery.
  public var messageCount: UInt32
  /// Active consumers.
  public var consumerCount: UInt32
}

/// Where a delivery comes from.
public struct DeliveryEnvelope: Sendable, Hashable {
  /// The broker's number of the delivery on its channel.
  public var tag: UInt64
  /// Whether the broker delivered the message before.
  public var isRedelivered: Bool
  /// The exchange that the message was published to.
  public var exchange: String
  /// The routing key that it was published with.
  public var routingKey: String
  /// The consumer it was sent to; empty for `basic.get`.
  public var consumerTag: String
}

/// Why a published message came back.
public struct ReturnReason: Sendable, Hashable {
  /// The AMQP reply code; 312 means that no queue was bound.
  public var code: UInt16
  /// The broker's text.
  public var text: String
  /// The exchange it was published to.
  public var exchange: String
  /// The routing key it was published with.
  public var routingKey: String
}
