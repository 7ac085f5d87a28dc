/// What a broker sends, built by hand.
enum WireBytes {
  static func integer(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  /// A text with a length octet.
  static func short(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + text.utf8 }

  /// Bytes with a four-octet length.
  static func long(_ bytes: [UInt8]) -> [UInt8] { integer(UInt32(bytes.count)) + bytes }

  static func frame(_ type: UInt8, channel: UInt16 = 1, _ payload: [UInt8]) -> [UInt8] {
    [type] + integer(channel) + long(payload) + [0xCE]
  }

  static func method(_ number: UInt32, channel: UInt16 = 1, _ arguments: [UInt8]) -> [UInt8] {
    frame(1, channel: channel, integer(number) + arguments)
  }

  /// Everything from `connection.start` to an open channel.
  static let handshake =
    method(0x000A_000A, channel: 0, [0, 9] + long([]) + long(Array("PLAIN".utf8)) + long(Array("en_US".utf8)))
    + method(0x000A_001E, channel: 0, integer(UInt16(2_047)) + integer(UInt32(131_072)) + integer(UInt16(60)))
    + method(0x000A_0029, channel: 0, short("")) + method(0x0014_000B, long([]))

  /// `basic.deliver` with content header and body frames, as a publisher of requests makes them.
  static func delivery(_ body: [UInt8]) -> [UInt8] {
    let deliver = short("consumer") + integer(UInt64(1)) + [0] + short("ocr.requests") + short("general-text")
    // content_type, delivery_mode, correlation_id, reply_to, message_id, type
    let properties =
      integer(UInt16(0b1001_0110_1010_0000)) + short("application/json") + [2] + short("request-000000000017")
      + short("ocr.reply.orders") + short("request-000000000017") + short("general-text")
    var bytes = method(0x003C_003C, deliver)
    bytes += frame(2, integer(UInt16(60)) + [0, 0] + integer(UInt64(body.count)) + properties)
    for start in stride(from: 0, to: body.count, by: 131_064) {
      bytes += frame(3, Array(body[start..<min(start + 131_064, body.count)]))
    }
    return bytes
  }

  /// `basic.ack` for everything up to a tag.
  static func confirm(_ tag: UInt64) -> [UInt8] { method(0x003C_0050, integer(tag) + [1]) }
}
