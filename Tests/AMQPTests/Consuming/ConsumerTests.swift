import EventLoop
import Testing

@testable import AMQP

@Suite(.timeLimit(.minutes(3))) struct ConsumerTests {
  private static func make() async throws -> (ScriptedBroker, LinkDriver) {
    let broker = try ScriptedBroker()
    let port = try await broker.start()
    let driver = try LinkDriver("amqp://127.0.0.1:\(port)", .init(queue: "q"))
    await driver.startAndWait()
    return (broker, driver)
  }

  private static func deliver(_ tag: UInt64) -> [UInt8] {
    BrokerBytes.deliver(tag: tag, consumer: "test") + BrokerBytes.content([UInt8(truncatingIfNeeded: tag)])
  }

  private static func end(_ broker: ScriptedBroker, _ driver: LinkDriver) async {
    await driver.stop()
    await broker.stop()
  }

  @Test(
    arguments: [(.ack, .basicAck), (.reject, .basicReject), (.giveBack, .basicNack)]
      as [(Consumer.Settlement, MethodID)])
  func eachSettlementIsSentOnce(settlement: Consumer.Settlement, method: MethodID) async throws {
    let (broker, driver) = try await Self.make()
    await broker.send(Self.deliver(1))
    let message = await driver.delivery()
    #expect(message.body == [1])
    #expect(await driver.outstanding == 1)
    #expect(await driver.settle(message, settlement))
    let call = await broker.call(method)
    #expect(call.settlement.tag == 1)
    #expect(await driver.outstanding == 0)
    for again in [Consumer.Settlement.ack, .reject, .giveBack] { #expect(await driver.settle(message, again) == false) }
    await driver.stop()
    #expect(await broker.remainingCalls.map(\.id) == [])
    await broker.stop()
  }

  @Test func aSettlementOfALostConnectionIsDropped() async throws {
    let (broker, driver) = try await Self.make()
    await broker.send(Self.deliver(1))
    let stale = await driver.delivery()
    await broker.drop()
    await driver.event { if case .connected = $0 { true } else { false } }
    await driver.ready()
    #expect(await driver.lostConnections == 1)
    #expect(await driver.outstanding == 0)
    await broker.send(Self.deliver(1))
    let fresh = await driver.delivery()
    #expect(fresh.id.tag == stale.id.tag)
    #expect(fresh.id != stale.id)
    for settlement in [Consumer.Settlement.ack, .reject, .giveBack] {
      #expect(await driver.settle(stale, settlement) == false)
    }
    #expect(await driver.outstanding == 1)
    #expect(await driver.settle(fresh))
    #expect(await broker.call(.basicAck).settlement.tag == 1)
    await Self.end(broker, driver)
  }

  @Test func settlementsOfTheTurnThatStopsAreSentBeforeTheClose() async throws {
    let (broker, driver) = try await Self.make()
    await broker.send(Self.deliver(1))
    let message = await driver.delivery()
    #expect(await driver.settleAndStop(message))
    #expect(await broker.call(.basicAck).settlement.tag == 1)
    await broker.stop()
  }

  @Test(arguments: [2, 0, .max] as [UInt64])
  func aDeliveryOutOfOrderEndsTheConnection(tag: UInt64) async throws {
    let (broker, driver) = try await Self.make()
    await broker.send(Self.deliver(tag))
    #expect(await driver.failure().kind == .protocolViolation)
    await Self.end(broker, driver)
  }

  @Test func aConsumerThatTheBrokerCancelsComesBack() async throws {
    let (broker, driver) = try await Self.make()
    await broker.send(BrokerBytes.cancel("test"))
    #expect(await driver.failure().kind == .closedByBroker)
    await driver.event { if case .connected = $0 { true } else { false } }
    await Self.end(broker, driver)
  }

  @Test func cancellingKeepsWhatIsUnderWay() async throws {
    let (broker, driver) = try await Self.make()
    await broker.send(Self.deliver(1))
    let message = await driver.delivery()
    async let cancelled: Void = driver.cancel()
    _ = await broker.call(.basicCancel)
    await broker.send(BrokerBytes.cancelOK("test"))
    try await cancelled
    #expect(await driver.settle(message))
    #expect(await broker.call(.basicAck).settlement.tag == 1)
    await Self.end(broker, driver)
  }

  @Test func nothingOfAStoppedLinkIsLeft() async throws {
    let broker = try ScriptedBroker()
    let port = try await broker.start()
    let driver = try LinkDriver("amqp://127.0.0.1:\(port)", .init(publishes: true, queue: "q"))
    await driver.startAndWait()
    await driver.stop()
    #expect(await driver.hasLeakedLink == false)
    await broker.stop()
  }

  // MARK: Paused reading

  @Test func pausedReadingHoldsDeliveriesBack() async throws {
    let (broker, driver) = try await Self.make()
    await driver.pauseReading()
    await broker.send(Self.deliver(1))
    // Settling and asking still goes out while reading is paused; the broker has it before the delivery is read.
    async let answer = driver.request(.declareQueue(.init("q", passive: true)))
    _ = await broker.call(.queueDeclare)
    await broker.send(BrokerBytes.queueDeclareOK("q"))
    #expect(await driver.waitingDeliveries == 0)
    await driver.resumeReading()
    #expect(await driver.delivery().body == [1])
    _ = try await answer
    await Self.end(broker, driver)
  }

  @Test func aPausedLinkStops() async throws {
    let (broker, driver) = try await Self.make()
    await driver.pauseReading()
    await Self.end(broker, driver)
  }

  @Test func aPausedLinkNoticesAReset() async throws {
    let (broker, driver) = try await Self.make()
    await driver.pauseReading()
    await broker.drop(reset: true)
    #expect(await driver.failure().kind == .connectionLost)
    await driver.event { if case .connected = $0 { true } else { false } }
    await Self.end(broker, driver)
  }
}
