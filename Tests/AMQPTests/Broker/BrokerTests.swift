import AMQP
import TestSupport
import Testing

/// Against a real broker. One after the other: some of them stop it or raise its alarms.
@Suite(.serialized, .timeLimit(.minutes(10))) struct BrokerTests {}

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

    @Test func aMessageWithoutAQueueComesBack() async throws {
      let url = try await PrivateBroker.shared().makeVirtualHost()
      let driver = try LinkDriver(url, .init(publishes: true))
      await driver.startAndWait()
      guard case .returned(let reason) = await driver.publish([1], key: "nobody") else {
        Issue.record("not returned")
        return
      }
      #expect(reason.code == 312)
      #expect(reason.routingKey == "nobody")
      #expect(await driver.publish([1], key: "nobody", isMandatory: false) == .confirmed)
      await driver.stop()
    }

    @Test func aFullQueueRefuses() async throws {
      let url = try await PrivateBroker.shared().makeVirtualHost()
      let driver = try LinkDriver(url, .init(publishes: true))
      await driver.startAndWait()
      let arguments: [String: FieldValue] = ["x-max-length": .int32(1), "x-overflow": .string("reject-publish")]
      try await driver.request(.declareQueue(.init("full", arguments: arguments)))
      let outcomes = await driver.publish(all: [[1], [2], [3]], key: "full")
      #expect(outcomes == [.confirmed, .refused, .refused])
      await driver.stop()
    }

    @Test func manyMessagesAreSettledOnce() async throws {
      let url = try await PrivateBroker.shared().makeVirtualHost()
      let publisher = try LinkDriver(url, .init(publishes: true))
      await publisher.startAndWait()
      // A classic queue: a quorum queue may forget acknowledgements that are under way when their channel ends.
      try await publisher.request(.declareQueue(.init("q")))
      let bodies = (0..<2_000).map { WireBytes.integer(UInt32($0)) }
      let consumer = try LinkDriver(url, .init(queue: "q", prefetch: 50))
      await consumer.startAndWait()
      async let outcomes = publisher.publish(all: bodies, key: "q")
      var random = SeededRandom.announced()
      var held: [LinkDriver.Message] = []
      var acknowledged: [[UInt8]] = []
      while acknowledged.count < bodies.count {
        held.append(await consumer.delivery())
        guard held.count == 50 || acknowledged.count + held.count == bodies.count else { continue }
        held.shuffle(using: &random)
        for message in held {
          #expect(await consumer.settle(message))
          acknowledged.append(message.body)
        }
        held = []
      }
      #expect(acknowledged.sorted { $0.lexicographicallyPrecedes($1) } == bodies)
      #expect(await outcomes == Array(repeating: .confirmed, count: bodies.count))
      #expect(await consumer.epoch == 1)
      await consumer.stop()
      #expect(try await publisher.request(.get(queue: "q")) == .message(nil, remaining: 0))
      await publisher.stop()
    }

    @Test func rejectedMessagesAreDeadLetteredAndReturnedOnesComeAgain() async throws {
      let url = try await PrivateBroker.shared().makeVirtualHost()
      let publisher = try LinkDriver(url, .init(publishes: true))
      await publisher.startAndWait()
      try await publisher.request(.declareQueue(.init("dead")))
      let arguments: [String: FieldValue] = [
        "x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead"),
      ]
      try await publisher.request(.declareQueue(.init("q", arguments: arguments)))
      #expect(await publisher.publish([7], key: "q") == .confirmed)
      let consumer = try LinkDriver(url, .init(queue: "q"))
      await consumer.startAndWait()
      let first = await consumer.delivery()
      #expect(!first.envelope.isRedelivered)
      #expect(await consumer.settle(first, .giveBack))
      let second = await consumer.delivery()
      #expect(second.envelope.isRedelivered)
      #expect(await consumer.settle(second, .reject))
      await consumer.stop()
      let dead = try LinkDriver(url, .init(queue: "dead"))
      await dead.startAndWait()
      let message = await dead.delivery()
      #expect(message.body == [7])
      #expect(message.properties.headers.keys.contains("x-death"))
      await dead.stop()
      await publisher.stop()
    }

    @Test func aMissingExchangeStopsOneMessageAlone() async throws {
      let url = try await PrivateBroker.shared().makeVirtualHost()
      let driver = try LinkDriver(url, .init(publishes: true))
      await driver.startAndWait()
      try await driver.request(.declareQueue(.init("q", arguments: ["x-queue-type": .string("quorum")])))
      async let before = driver.publish(all: [[1], [2], [3]], key: "q")
      async let bad = driver.publish([4], exchange: "missing", key: "q")
      async let after = driver.publish(all: [[5], [6]], key: "q")
      #expect(await before == [.confirmed, .confirmed, .confirmed])
      #expect(await after == [.confirmed, .confirmed])
      guard case .unsendable(let reason) = await bad else {
        Issue.record("published to a missing exchange")
        return
      }
      #expect(reason.contains("missing"))
      await driver.stop()
    }

    /// Brokers before 3.13 break down over such a name.
    @Test func aMadeUpDirectReplyToNameStopsOneMessageAlone() async throws {
      let url = try await PrivateBroker.shared().makeVirtualHost()
      let driver = try LinkDriver(url, .init(publishes: true))
      await driver.startAndWait()
      try await driver.request(.declareQueue(.init("q")))
      async let before = driver.publish(all: [[1], [2], [3]], key: "q")
      async let bad = driver.publish(
        [4], key: "amq.rabbitmq.reply-to.g1h2AA9yZXBseUAxMjM0NTY3OA==.AAAA", isMandatory: false)
      async let after = driver.publish(all: [[5], [6]], key: "q")
      #expect(await before == [.confirmed, .confirmed, .confirmed])
      #expect(await after == [.confirmed, .confirmed])
      // Newer brokers drop it.
      let outcome = await bad
      if outcome != .confirmed { #expect(outcome == .unsendable("the broker refused it: INTERNAL_ERROR")) }
      await driver.stop()
    }

    @Test func directReplyToReachesTheRequester() async throws {
      let url = try await PrivateBroker.shared().makeVirtualHost()
      let requester = try LinkDriver(
        url, .init(publishes: true, queue: "amq.rabbitmq.reply-to", acknowledges: false))
      await requester.startAndWait()
      let worker = try LinkDriver(url, .init(publishes: true, queue: "work"))
      try await requester.request(.declareQueue(.init("work")))
      await worker.startAndWait()
      var properties = OutgoingProperties()
      properties.replyTo = "amq.rabbitmq.reply-to"
      properties.correlationID = "c"
      #expect(await requester.publish([1], key: "work", properties: properties) == .confirmed)
      let request = await worker.delivery()
      let replyTo = try #require(request.properties.replyTo)
      #expect(replyTo.hasPrefix("amq.rabbitmq.reply-to."))
      for number in UInt8(1)...3 {
        #expect(await worker.publish([number], key: replyTo, isMandatory: false) == .confirmed)
        #expect(await requester.delivery().body == [number])
      }
      #expect(await worker.settle(request))
      await worker.stop()
      await requester.stop()
    }
  }
}
