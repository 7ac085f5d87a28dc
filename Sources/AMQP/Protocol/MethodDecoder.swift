internal import CRabbitMQ

/// Decodes method frames with librabbitmq.
///
/// Isolation: not `Sendable`; the pool belongs to one connection. The decoded C structures point into the frame and
/// the pool, so everything is copied into Swift values before the pool is recycled.
final class MethodDecoder {
  private var pool = amqp_pool_t()

  init() {
    init_amqp_pool(&pool, 4096)
  }

  deinit {
    empty_amqp_pool(&pool)
  }

  /// The number (class << 16 | method) of the method in the payload of a method frame.
  func number(_ payload: UnsafeRawBufferPointer) throws(ProtocolViolation) -> UInt32 {
    guard payload.count >= 4 else { throw ProtocolViolation("method frame too short") }
    return UInt32(bigEndian: payload.loadUnaligned(as: UInt32.self))
  }

  /// The method in the payload of a method frame; throws when it is malformed or not expected from a broker.
  func decode(_ payload: UnsafeRawBufferPointer) throws(ProtocolViolation) -> ServerMethod {
    let number = try number(payload)
    guard let base = payload.baseAddress, let id = MethodID(rawValue: number) else {
      throw ProtocolViolation("unknown method \(number)")
    }
    // A table in a method (connection.start, basic.consume) is decoded recursively by the library; the broker is the
    // sender here, and the loop's 16 MiB stack holds what fits into a frame.
    var decoded: UnsafeMutableRawPointer?
    let arguments = amqp_bytes_t(len: payload.count - 4, bytes: UnsafeMutableRawPointer(mutating: base + 4))
    defer { recycle_amqp_pool(&pool) }
    let status = amqp_decode_method(number, &pool, arguments, &decoded)
    guard status == 0, let decoded else { throw ProtocolViolation("malformed method \(id)") }
    return try ServerMethod(id, decoded)
  }
}

/// The peer sent bytes that AMQP 0-9-1 does not allow; the connection cannot go on.
struct ProtocolViolation: Error, Equatable {
  let detail: String

  init(_ detail: String) {
    self.detail = detail
  }
}

extension String {
  fileprivate init(_ bytes: amqp_bytes_t) {
    self.init(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
  }
}

extension ServerMethod {
  /// Copies a decoded C structure; `decoded` is what librabbitmq made for `id`.
  fileprivate init(_ id: MethodID, _ decoded: UnsafeMutableRawPointer) throws(ProtocolViolation) {
    switch id {
    case .basicDeliver: self = .deliver
    case .basicAck:
      let method = decoded.load(as: amqp_basic_ack_t.self)
      self = .ack(tag: method.delivery_tag, multiple: method.multiple != 0)
    case .basicNack:
      let method = decoded.load(as: amqp_basic_nack_t.self)
      self = .nack(tag: method.delivery_tag, multiple: method.multiple != 0)
    case .basicReturn:
      let method = decoded.load(as: amqp_basic_return_t.self)
      self = .returned(
        .init(
          code: method.reply_code, text: String(method.reply_text), exchange: String(method.exchange),
          routingKey: String(method.routing_key)))
    case .basicGetOK:
      let method = decoded.load(as: amqp_basic_get_ok_t.self)
      let envelope = DeliveryEnvelope(
        tag: method.delivery_tag, isRedelivered: method.redelivered != 0, exchange: String(method.exchange),
        routingKey: String(method.routing_key), consumerTag: "")
      self = .getOK(envelope, messageCount: method.message_count)
    case .basicGetEmpty: self = .getEmpty
    case .basicConsumeOK:
      self = .consumeOK(consumerTag: String(decoded.load(as: amqp_basic_consume_ok_t.self).consumer_tag))
    case .basicCancel: self = .cancel(consumerTag: String(decoded.load(as: amqp_basic_cancel_t.self).consumer_tag))
    case .basicCancelOK:
      self = .cancelOK(consumerTag: String(decoded.load(as: amqp_basic_cancel_ok_t.self).consumer_tag))
    default: try self.init(connectionMethod: id, decoded)
    }
  }

  private init(connectionMethod id: MethodID, _ decoded: UnsafeMutableRawPointer) throws(ProtocolViolation) {
    switch id {
    case .connectionStart: self = .start(mechanisms: String(decoded.load(as: amqp_connection_start_t.self).mechanisms))
    case .connectionSecure: self = .secure
    case .connectionTune:
      let method = decoded.load(as: amqp_connection_tune_t.self)
      self = .tune(channelMax: method.channel_max, frameMax: method.frame_max, heartbeat: method.heartbeat)
    case .connectionOpenOK: self = .openOK
    case .connectionClose:
      let method = decoded.load(as: amqp_connection_close_t.self)
      self = .connectionClose(
        .init(
          code: method.reply_code, text: String(method.reply_text),
          method: UInt32(method.class_id) << 16 | UInt32(method.method_id)))
    case .connectionCloseOK: self = .connectionCloseOK
    case .connectionBlocked: self = .blocked(reason: String(decoded.load(as: amqp_connection_blocked_t.self).reason))
    case .connectionUnblocked: self = .unblocked
    case .channelOpenOK: self = .channelOpenOK
    case .channelFlow: self = .channelFlow(active: decoded.load(as: amqp_channel_flow_t.self).active != 0)
    case .channelClose:
      let method = decoded.load(as: amqp_channel_close_t.self)
      self = .channelClose(
        .init(
          code: method.reply_code, text: String(method.reply_text),
          method: UInt32(method.class_id) << 16 | UInt32(method.method_id)))
    case .channelCloseOK: self = .channelCloseOK
    case .queueDeclareOK:
      let method = decoded.load(as: amqp_queue_declare_ok_t.self)
      self = .queueDeclareOK(
        .init(
          name: String(method.queue), messageCount: method.message_count, consumerCount: method.consumer_count))
    case .exchangeDeclareOK, .exchangeDeleteOK, .queueBindOK, .queuePurgeOK, .queueDeleteOK, .basicQosOK,
      .confirmSelectOK:
      self = .done(id)
    default: throw ProtocolViolation("method \(id) is not one that a broker sends")
    }
  }
}
