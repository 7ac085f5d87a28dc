import AMQP
import Foundation
import TestSupport
import Testing

extension BrokerTests {
  /// Faults of the broker and of the network in front of it.
  @Suite struct OutageTests {
    private static func brokerPort(_ broker: PrivateBroker) throws -> Int {
      try #require(try AMQPURL.parse(broker.url).first).port
    }

    @Test func everythingComesBackAfterARestart() async throws {
      let broker = try await PrivateBroker.start()
      let publisher = try LinkDriver(broker.url, .init(publishes: true))
      await publisher.startAndWait()
      try await publisher.request(.declareQueue(.init("q")))
      let consumer = try LinkDriver(broker.url, .init(queue: "q"))
      await consumer.startAndWait()
      #expect(await publisher.publish([1], key: "q") == .confirmed)
      let held = await consumer.delivery()
      // The node writes the declaration of a queue to its disk within seconds, and the kill comes sooner.
      try await broker.control("eval", "mnesia:sync_log().")

      try await broker.kill()
      #expect(await publisher.failure().kind == .connectionLost)
      async let outcome = publisher.publish([2], key: "q")
      try await broker.start()
      #expect(await outcome == .confirmed)
      await consumer.ready()
      #expect(await consumer.settle(held) == false)
      var bodies: Set<[UInt8]> = []
      while bodies.count < 2 {
        let message = await consumer.delivery()
        bodies.insert(message.body)
        #expect(await consumer.settle(message))
      }
      #expect(bodies == [[1], [2]])

      // In order: the broker says so before it goes.
      await publisher.forgetEvents()
      try await broker.stop()
      #expect([.closedByBroker, .connectionLost].contains(await publisher.failure().kind))
      try await broker.start()
      #expect(await publisher.publish([3], key: "q") == .confirmed)
      #expect(await consumer.delivery().body == [3])
      await consumer.stop()
      await publisher.stop()
      try await broker.remove()
    }

    @Test func connectionsThatAnOperatorClosesComeBack() async throws {
      let broker = try await PrivateBroker.start()
      let driver = try LinkDriver(broker.url, .init(publishes: true))
      await driver.startAndWait()
      try await driver.request(.declareQueue(.init("q")))
      for round in 0..<3 {
        try await broker.control("close_all_connections", "maintenance \(round)")
        let failure = await driver.failure()
        #expect(failure.kind == .closedByBroker)
        #expect(failure.replyCode == 320)
        #expect(failure.detail.contains("maintenance \(round)"))
        #expect(await driver.publish([1], key: "q") == .confirmed)
      }
      await driver.stop()
      try await broker.remove()
    }

    @Test func aDeletedQueueEndsItsConsumer() async throws {
      let url = try await PrivateBroker.shared().makeVirtualHost()
      let other = try LinkDriver(url)
      await other.startAndWait()
      try await other.request(.declareQueue(.init("q")))
      let consumer = try LinkDriver(url, .init(queue: "q"))
      await consumer.startAndWait()
      try await other.request(.deleteQueue("q"))
      #expect(await consumer.failure().kind == .closedByBroker)
      try await other.request(.declareQueue(.init("q")))
      await consumer.ready()
      await consumer.stop()
      await other.stop()
    }

    @Test func anAlarmHoldsPublishesAndNotAcks() async throws {
      let broker = try await PrivateBroker.start()
      var options = LinkDriver.quickOptions()
      options.heartbeat = .seconds(1)
      let publisher = try LinkDriver(broker.url, .init(publishes: true), options: options)
      await publisher.startAndWait()
      try await publisher.request(.declareQueue(.init("q")))
      #expect(await publisher.publish([1], key: "q") == .confirmed)
      let consumer = try LinkDriver(broker.url, .init(queue: "q"))
      await consumer.startAndWait()
      let held = await consumer.delivery()

      try await broker.control("set_vm_memory_high_watermark", "0")
      // The broker blocks a connection when it publishes; the body is too large for the sockets' buffers.
      async let large = publisher.publish([UInt8](repeating: 7, count: 10 << 20), key: "q")
      await publisher.event { if case .blocked = $0 { true } else { false } }
      #expect(await publisher.isBlocked)
      async let small = publisher.publish([2], key: "q")
      #expect(await consumer.settle(held))
      // Acknowledgements still arrive: the queue forgets the message.
      while let depth = try await broker.queues()["q"], depth.ready + depth.unacknowledged > 0 {}
      // Long enough for two heartbeats: a broker that reads nothing is not dead.
      for _ in 0..<3 { try await broker.control("list_queues") }
      #expect(await publisher.isBlocked)
      #expect(await publisher.unsettled == 2)

      try await broker.control("set_vm_memory_high_watermark", "0.4")
      await publisher.event { $0 == .unblocked }
      #expect(await large == .confirmed)
      #expect(await small == .confirmed)
      #expect(await publisher.epoch == 1)
      var sizes: Set<Int> = []
      for _ in 0..<2 { sizes.insert(await consumer.delivery().body.count) }
      #expect(sizes == [1, 10 << 20])
      await consumer.stop()
      await publisher.stop()
      try await broker.remove()
    }

    @Test func aBlackHoleIsNoticedByItsHeartbeats() async throws {
      let broker = try await PrivateBroker.shared()
      let proxy = FaultProxy(brokerPort: try Self.brokerPort(broker))
      var options = LinkDriver.quickOptions()
      options.heartbeat = .seconds(1)
      let driver = try LinkDriver("amqp://127.0.0.1:\(proxy.port)", .init(publishes: true), options: options)
      await driver.startAndWait()
      try await driver.request(.declareQueue(.init("q-black-hole")))
      proxy.set(.blackHole)
      async let outcome = driver.publish([1], key: "q-black-hole")
      #expect(await driver.failure().kind == .heartbeatTimeout)
      proxy.set(.none)
      #expect(await outcome == .confirmed)
      await driver.stop()
      proxy.stop()
    }

    @Test func framesMayBeCutAtEveryByte() async throws {
      let broker = try await PrivateBroker.shared()
      let url = try await broker.makeVirtualHost()
      let virtualHost = try #require(try AMQPURL.parse(url).first).virtualHost
      let proxy = FaultProxy(brokerPort: try Self.brokerPort(broker))
      proxy.set(.singleBytes)
      let driver = try LinkDriver("amqp://127.0.0.1:\(proxy.port)/\(virtualHost)", .init(publishes: true))
      await driver.startAndWait()
      try await driver.request(.declareQueue(.init("q")))
      let bodies = (0..<200).map { [UInt8](repeating: UInt8($0), count: $0) }
      #expect(await driver.publish(all: bodies, key: "q") == Array(repeating: .confirmed, count: 200))
      let consumer = try LinkDriver("amqp://127.0.0.1:\(proxy.port)/\(virtualHost)", .init(queue: "q"))
      await consumer.startAndWait()
      for body in bodies {
        let message = await consumer.delivery()
        #expect(message.body == body)
        #expect(await consumer.settle(message))
      }
      #expect(await consumer.epoch == 1)
      await consumer.stop()
      await driver.stop()
      proxy.stop()
    }

    /// The first connection is cut after so many bytes, wherever that is: login, publish or confirm.
    @Test func aCutAnywhereIsOvercome() async throws {
      let broker = try await PrivateBroker.shared()
      let url = try await broker.makeVirtualHost()
      let virtualHost = try #require(try AMQPURL.parse(url).first).virtualHost
      let proxy = FaultProxy(brokerPort: try Self.brokerPort(broker))
      let direct = try LinkDriver(url)
      await direct.startAndWait()
      try await direct.request(.declareQueue(.init("q")))
      for bytes in stride(from: 0, to: 3_000, by: 61) {
        proxy.set(.reset(after: bytes))
        var options = LinkDriver.quickOptions()
        options.reconnectDelay = .milliseconds(1)...(.milliseconds(2))
        let driver = try LinkDriver(
          "amqp://127.0.0.1:\(proxy.port)/\(virtualHost)", .init(publishes: true), options: options)
        await driver.start()
        async let outcome = driver.publish([UInt8](repeating: 1, count: 1_000), key: "q")
        if bytes < 1_500 { _ = await driver.failure() }
        proxy.set(.none)
        #expect(await outcome == .confirmed, "cut after \(bytes) bytes")
        await driver.stop()
      }
      await direct.stop()
      proxy.stop()
    }
  }
}
