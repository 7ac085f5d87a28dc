import CRabbitMQ
import EventLoop
import Testing

@testable import AMQP

/// `basic.deliver` as librabbitmq writes it, and `basic.publish` as it reads it.
@Suite struct EnvelopeDecoderTests {
  private static func deliver(_ envelope: DeliveryEnvelope) -> [UInt8] {
    let buffer = BufferPool().take(capacity: 0)
    let encoder = MethodEncoder()
    let method = amqp_basic_deliver_t(
      consumer_tag: encoder.text(envelope.consumerTag), delivery_tag: envelope.tag,
      redelivered: envelope.isRedelivered ? 1 : 0, exchange: encoder.text(envelope.exchange),
      routing_key: encoder.text(envelope.routingKey))
    encoder.append(.basicDeliver, method, channel: 1, to: buffer)
    return Array(buffer.bytes.dropFirst(7).dropLast())
  }

  private static func decode(_ bytes: [UInt8], _ decoder: inout EnvelopeDecoder) throws -> DeliveryEnvelope {
    try bytes.withUnsafeBytes { try decoder.decode($0) }
  }

  @Test func textsOfEarlierEnvelopesAreNotMistakenForThoseOfThisOne() throws {
    let texts = [
      "", "a", "b", "ab", "éa", String(repeating: "k", count: 254) + "1", String(repeating: "k", count: 255),
    ]
    var random = SeededRandom(seed: 5)
    var decoder = EnvelopeDecoder()
    for tag in 1...2_000 {
      let envelope = DeliveryEnvelope(
        tag: UInt64(tag) << 30, isRedelivered: tag % 3 == 0, exchange: texts.randomElement(using: &random) ?? "",
        routingKey: texts.randomElement(using: &random) ?? "", consumerTag: texts.randomElement(using: &random) ?? "")
      #expect(try Self.decode(Self.deliver(envelope), &decoder) == envelope)
    }
  }

  @Test func everyPrefixIsMalformed() {
    let whole = Self.deliver(
      DeliveryEnvelope(tag: 7, isRedelivered: true, exchange: "e", routingKey: "key", consumerTag: "consumer"))
    for length in 0..<whole.count {
      var decoder = EnvelopeDecoder()
      #expect(throws: ProtocolViolation.self) { try Self.decode(Array(whole.prefix(length)), &decoder) }
    }
  }

  @Test func bytesThatAreNotUTF8AreRepairedEachTime() throws {
    var bytes = Self.deliver(
      DeliveryEnvelope(tag: 7, isRedelivered: false, exchange: "", routingKey: "kk", consumerTag: "c"))
    bytes[bytes.count - 1] = 0xC3
    var decoder = EnvelopeDecoder()
    for _ in 0..<2 { #expect(try Self.decode(bytes, &decoder).routingKey == "k\u{FFFD}") }
  }

  @Test(arguments: [
    ("", "ocr.reply.orders", true), ("exchange", "", false), (String(repeating: "e", count: 255), "é", true),
  ])
  func librabbitmqReadsPublishes(exchange: String, routingKey: String, isMandatory: Bool) throws {
    let buffer = BufferPool().take(capacity: 0)
    FrameWriter(buffer: buffer).publish(
      exchange: exchange, routingKey: routingKey, isMandatory: isMandatory, channel: 1)
    let bytes = Array(buffer.bytes)
    #expect(bytes.prefix(3) == [1, 0, 1] && bytes.last == 0xCE)
    #expect(Array(bytes[3..<7]) == WireBytes.integer(UInt32(bytes.count - 8)))
    #expect(Array(bytes[7..<11]) == WireBytes.integer(MethodID.basicPublish.rawValue))
    var arguments = Array(bytes[11..<bytes.count - 1])
    var pool = amqp_pool_t()
    init_amqp_pool(&pool, 4_096)
    defer { empty_amqp_pool(&pool) }
    try arguments.withUnsafeMutableBytes { bytes in
      var decoded: UnsafeMutableRawPointer?
      let source = amqp_bytes_t(len: bytes.count, bytes: bytes.baseAddress)
      try #require(amqp_decode_method(MethodID.basicPublish.rawValue, &pool, source, &decoded) == 0)
      let method = try #require(decoded).load(as: amqp_basic_publish_t.self)
      #expect(Self.text(method.exchange) == exchange && Self.text(method.routing_key) == routingKey)
      #expect(method.mandatory == (isMandatory ? 1 : 0) && method.immediate == 0 && method.ticket == 0)
    }
  }

  private static func text(_ bytes: amqp_bytes_t) -> String {
    String(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
  }
}
