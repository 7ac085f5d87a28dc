import AMQP
import TestSupport
import Testing

/// Against a real broker. One after the other: some of them stop it or raise its alarms.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BrokerTests {}

extension BrokerTests {
  @Suite struct RoundTripTests {
    @Test(arguments: [0, 1, 131_063, 131_064, 131_065, 10 << 20])
    func bodiesComeBackAsTheyWent(size: Int) async throws {
      let url = try await PrivateBroker.shared().makeVirtualHost()
      let publisher = try LinkDriver(url, .init(publishes: true))
      await publisher.startAndWait()
      try await publisher.request(.declareQueue(.init("q", arguments: ["x-queue-type": .string("quorum")])))
      var random = SeededRandom(seed: UInt64(size))
      let body = random.bytes(size)
      var properties = OutgoingProperties()
      properties.messageID = "m"
      properties.headers.append("ocr-attempts", .int64(3))
      #expect(await publisher.publish(body, key: "q", properties: properties) == .confirmed)

      let consumer = try LinkDriver(url, .init(queue: "q", prefetch: 1))
      await consumer.startAndWait()
      let message = await consumer.delivery()
      #expect(message.body == body)
      #expect(message.defect == nil)
      #expect(message.properties.messageID == "m")
      #expect(message.properties.headers.integer("ocr-attempts") == 3)
      #expect(message.envelope.routingKey == "q")
      #expect(await consumer.settleAndStop(message))
      #expect(try await publisher.request(.get(queue: "q")) == .message(nil, remaining: 0))
      await publisher.stop()
    }
  }
}
