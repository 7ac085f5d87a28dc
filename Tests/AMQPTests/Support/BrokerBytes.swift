@testable import AMQP

/// What a broker sends, as bytes.
enum BrokerBytes {
  static func start(mechanisms: String = "PLAIN AMQPLAIN") -> [UInt8] {
    let properties = WireBytes.entry("product", "S", WireBytes.long("a scripted broker".utf8))
    return WireBytes.method(
      .connectionStart, channel: 0,
      [0, 9] + WireBytes.long(properties) + WireBytes.long(mechanisms.utf8) + WireBytes.long("en_US".utf8))
  }

  static func tune(channelMax: UInt16 = 2_047, frameMax: UInt32 = 131_072, heartbeat: UInt16 = 60) -> [UInt8] {
    WireBytes.method(
      .connectionTune, channel: 0,
      WireBytes.integer(channelMax) + WireBytes.integer(frameMax) + WireBytes.integer(heartbeat))
  }

  static let openOK = WireBytes.method(.connectionOpenOK, channel: 0, WireBytes.short(""))
  static let channelOpenOK = WireBytes.method(.channelOpenOK, WireBytes.long([UInt8]()))
  static let heartbeat = WireBytes.frame(8, channel: 0, [])
  static let unblocked = WireBytes.method(.connectionUnblocked, channel: 0)
  static let connectionCloseOK = WireBytes.method(.connectionCloseOK, channel: 0)
  static let getEmpty = WireBytes.method(.basicGetEmpty, WireBytes.short(""))

  /// Everything from `connection.start` to an open channel.
  static let handshake = start() + tune() + openOK + channelOpenOK

  static func blocked(_ reason: String) -> [UInt8] {
    WireBytes.method(.connectionBlocked, channel: 0, WireBytes.short(reason))
  }

  static func connectionClose(_ code: UInt16, _ text: String) -> [UInt8] {
    WireBytes.method(.connectionClose, channel: 0, close(code, text))
  }

  static func channelClose(_ code: UInt16, _ text: String, because method: MethodID? = nil) -> [UInt8] {
    WireBytes.method(.channelClose, close(code, text, method))
  }

  private static func close(_ code: UInt16, _ text: String, _ method: MethodID? = nil) -> [UInt8] {
    WireBytes.integer(code) + WireBytes.short(text) + WireBytes.integer(method?.rawValue ?? 0)
  }

  static func deliver(
    tag: UInt64, consumer: String = "c", redelivered: Bool = false, exchange: String = "", key: String = "q"
  ) -> [UInt8] {
    WireBytes.method(
      .basicDeliver,
      WireBytes.short(consumer) + WireBytes.integer(tag) + [redelivered ? 1 : 0] + WireBytes.short(exchange)
        + WireBytes.short(key))
  }

  static func getOK(tag: UInt64, left: UInt32) -> [UInt8] {
    WireBytes.method(
      .basicGetOK,
      WireBytes.integer(tag) + [0] + WireBytes.short("") + WireBytes.short("q") + WireBytes.integer(left))
  }

  static func returned(exchange: String, key: String, code: UInt16 = 312) -> [UInt8] {
    WireBytes.method(
      .basicReturn,
      WireBytes.integer(code) + WireBytes.short("NO_ROUTE") + WireBytes.short(exchange) + WireBytes.short(key))
  }

  static func header(bodySize: Int, properties: [UInt8] = [0, 0]) -> [UInt8] {
    WireBytes.frame(2, WireBytes.integer(UInt16(60)) + [0, 0] + WireBytes.integer(UInt64(bodySize)) + properties)
  }

  /// Content header and body frames.
  static func content(_ body: [UInt8], properties: [UInt8] = [0, 0], frameMax: Int = 131_072) -> [UInt8] {
    var bytes = header(bodySize: body.count, properties: properties)
    for start in stride(from: 0, to: body.count, by: frameMax - 8) {
      bytes += WireBytes.frame(3, Array(body[start..<min(start + frameMax - 8, body.count)]))
    }
    return bytes
  }

  /// The property bytes of a message that has a `message_id` alone.
  static func messageID(_ id: String) -> [UInt8] {
    WireBytes.integer(UInt16(1) << 7) + WireBytes.short(id)
  }

  static func ack(_ tag: UInt64, multiple: Bool = false) -> [UInt8] {
    WireBytes.method(.basicAck, WireBytes.integer(tag) + [multiple ? 1 : 0])
  }

  static func nack(_ tag: UInt64, multiple: Bool = false) -> [UInt8] {
    WireBytes.method(.basicNack, WireBytes.integer(tag) + [multiple ? 1 : 0])
  }

  static func cancel(_ consumer: String) -> [UInt8] {
    WireBytes.method(.basicCancel, WireBytes.short(consumer) + [1])
  }

  static func consumeOK(_ consumer: String) -> [UInt8] {
    WireBytes.method(.basicConsumeOK, WireBytes.short(consumer))
  }

  static func cancelOK(_ consumer: String) -> [UInt8] {
    WireBytes.method(.basicCancelOK, WireBytes.short(consumer))
  }

  static func queueDeclareOK(_ name: String, messages: UInt32 = 0, consumers: UInt32 = 0) -> [UInt8] {
    WireBytes.method(
      .queueDeclareOK, WireBytes.short(name) + WireBytes.integer(messages) + WireBytes.integer(consumers))
  }

  static func channelFlow(active: Bool) -> [UInt8] {
    WireBytes.method(.channelFlow, [active ? 1 : 0])
  }
}
