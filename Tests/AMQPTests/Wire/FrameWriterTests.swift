import CRabbitMQ
import EventLoop
import Testing

@testable import AMQP

/// What the writers produce, read back by librabbitmq and by this module's own readers.
@Suite struct FrameWriterTests {
  private static func full() -> OutgoingProperties {
    var properties = OutgoingProperties()
    properties.contentType = "application/json"
    properties.contentEncoding = "identity"
    properties.headers.append("ocr-api", .string("general-text"))
    properties.headers.append("ocr-attempts", .int64(3))
    properties.headers.append("nested", .table(["flag": .bool(true), "number": .int32(-1)]))
    properties.isPersistent = true
    properties.priority = 4
    properties.correlationID = "c-1"
    properties.replyTo = "reply.queue"
    properties.expiration = "1000"
    properties.messageID = "m-1"
    properties.timestamp = 1_700_000_000
    properties.type = "ocr.result.v1"
    properties.userID = "guest"
    properties.appID = String(repeating: "a", count: 255)
    return properties
  }

  /// The payloads of the frames that a message's content becomes.
  private static func frames(
    _ properties: OutgoingProperties, body: [UInt8], frameMax: Int = 131_072
  ) throws -> [(type: UInt8, payload: [UInt8])] {
    let buffer = BufferPool().take(capacity: 16)
    body.withUnsafeBytes { bytes in
      FrameWriter(buffer: buffer).content(properties, body: bytes, channel: 1, frameMax: frameMax)
    }
    var frames: [(type: UInt8, payload: [UInt8])] = []
    var offset = 0
    let bytes = Array(buffer.bytes)
    while offset < bytes.count {
      let size = bytes[offset + 3..<offset + 7].reduce(0) { $0 << 8 | Int($1) }
      try #require(offset + 7 + size < bytes.count)
      #expect(Array(bytes[offset + 1...offset + 2]) == [0, 1])
      #expect(bytes[offset + 7 + size] == 0xCE)
      #expect(size + 8 <= frameMax)
      frames.append((bytes[offset], Array(bytes[offset + 7..<offset + 7 + size])))
      offset += size + 8
    }
    return frames
  }

  @Test func librabbitmqReadsTheProperties() throws {
    let wanted = Self.full()
    var payload = try #require(Self.frames(wanted, body: []).first).payload
    #expect(Array(payload.prefix(12)) == [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    var pool = amqp_pool_t()
    init_amqp_pool(&pool, 4_096)
    defer { empty_amqp_pool(&pool) }
    payload.removeFirst(12)
    try payload.withUnsafeMutableBytes { bytes in
      var decoded: UnsafeMutableRawPointer?
      let status = amqp_decode_properties(60, &pool, amqp_bytes_t(len: bytes.count, bytes: bytes.baseAddress), &decoded)
      try #require(status == 0)
      let read = try #require(decoded).load(as: amqp_basic_properties_t.self)
      #expect(read._flags == 0xFFF8)
      #expect(text(read.content_type) == wanted.contentType)
      #expect(text(read.content_encoding) == wanted.contentEncoding)
      #expect(text(read.correlation_id) == wanted.correlationID)
      #expect(text(read.reply_to) == wanted.replyTo)
      #expect(text(read.expiration) == wanted.expiration)
      #expect(text(read.message_id) == wanted.messageID)
      #expect(text(read.type) == wanted.type)
      #expect(text(read.user_id) == wanted.userID)
      #expect(text(read.app_id) == wanted.appID)
      #expect(read.delivery_mode == 2)
      #expect(read.priority == 4)
      #expect(read.timestamp == 1_700_000_000)
      try expectHeaders(read.headers)
    }
  }

  private func expectHeaders(_ table: amqp_table_t) throws {
    let entries = UnsafeBufferPointer(start: table.entries, count: Int(table.num_entries))
    #expect(entries.map { text($0.key) } == ["ocr-api", "ocr-attempts", "nested"])
    #expect(text(entries[0].value.value.bytes) == "general-text")
    #expect(entries[1].value.value.i64 == 3)
    let nested = entries[2].value.value.table
    try #require(nested.num_entries == 2)
    #expect(text(nested.entries[0].key) == "flag")
    #expect(nested.entries[0].value.value.boolean == 1)
    #expect(nested.entries[1].value.value.i32 == -1)
  }

  private func text(_ bytes: amqp_bytes_t) -> String {
    String(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
  }

  @Test func ownReaderReadsTheProperties() throws {
    let wanted = Self.full()
    let payload = try #require(Self.frames(wanted, body: []).first).payload
    let read = try #require(Array(payload.dropFirst(12)).withUnsafeBytes { MessageProperties(wire: $0) })
    var copy = OutgoingProperties(copying: read)
    #expect(copy.userID == nil)
    copy.userID = wanted.userID
    #expect(copy == wanted)
  }

  @Test func transientAndEmptyPropertiesAreSmall() throws {
    var properties = OutgoingProperties()
    properties.isPersistent = false
    let payload = try #require(Self.frames(properties, body: []).first).payload
    #expect(Array(payload.dropFirst(12)) == [0x10, 0, 1])
  }

  @Test(arguments: [0, 1, 4_087, 4_088, 4_089, 8_176, 8_177, 100_000])
  func bodiesAreCutAtTheFrameSize(size: Int) throws {
    var random = SeededRandom(seed: UInt64(size))
    let body = random.bytes(size)
    let frames = try Self.frames(OutgoingProperties(), body: body, frameMax: 4_096)
    #expect(frames.map(\.type) == [2] + [UInt8](repeating: 3, count: (size + 4_087) / 4_088))
    #expect(frames.dropFirst().flatMap(\.payload) == body)
    #expect(Array(frames[0].payload[4..<12]) == WireBytes.integer(UInt64(size)))
  }

  @Test(
    arguments: [
      (\OutgoingProperties.messageID, PropertyField.messageID), (\.contentType, .contentType), (\.appID, .appID),
      (\.contentEncoding, .contentEncoding), (\.correlationID, .correlationID), (\.replyTo, .replyTo),
      (\.expiration, .expiration), (\.type, .type), (\.userID, .userID),
    ] as [(any WritableKeyPath<OutgoingProperties, String?> & Sendable, PropertyField)])
  func textsOver255BytesAreFoundBeforeTheyAreSent(
    path: any WritableKeyPath<OutgoingProperties, String?> & Sendable, field: PropertyField
  ) {
    var properties = OutgoingProperties()
    properties[keyPath: path] = String(repeating: "é", count: 127) + "x"
    #expect(properties.oversizedField == nil)
    properties[keyPath: path] = String(repeating: "é", count: 128)
    #expect(properties.oversizedField == field)
  }

  @Test func messagesThatCannotBeSentSayWhy() {
    let long = String(repeating: "x", count: 256)
    func message(_ exchange: String, _ key: String, _ headers: Int = 0) -> OutgoingMessage {
      var properties = OutgoingProperties()
      if headers > 0 { properties.headers.append("h", .string(String(repeating: "x", count: headers))) }
      return OutgoingMessage(exchange: exchange, routingKey: key, properties: properties, body: .bytes([]))
    }
    #expect(message("e", "k").defect == nil)
    #expect(message(long, "k").defect != nil)
    #expect(message("e", long).defect != nil)
    #expect(message("e", "k", 100_000).defect == nil)
    #expect(message("e", "k", OutgoingMessage.headerLimit).defect != nil)
  }
}
