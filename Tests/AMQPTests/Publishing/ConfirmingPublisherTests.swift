import EventLoop
import Synchronization
import Testing

@testable import AMQP

@Suite(.timeLimit(.minutes(3))) struct ConfirmingPublisherTests {
  /// A publisher that is ready, and its broker.
  private static func make(
    answer: @escaping @Sendable (ScriptedBroker.Call) -> [UInt8]? = { _ in nil }
  ) async throws -> (ScriptedBroker, LinkDriver) {
    let broker = try ScriptedBroker()
    let port = try await broker.start(answer: answer)
    let driver = try LinkDriver("amqp://127.0.0.1:\(port)", .init(publishes: true))
    await driver.startAndWait()
    return (broker, driver)
  }

  private static func end(_ broker: ScriptedBroker, _ driver: LinkDriver) async {
    await driver.stop()
    await broker.stop()
  }

  @Test func aMissingConfirmEndsTheConnection() async throws {
    let broker = try ScriptedBroker()
    let publishes = Mutex(0)
    let port = try await broker.start { call in
      guard call.id == .basicPublish else { return nil }
      // The first is left without a confirm.
      let count = publishes.withLock { count in
        count += 1
        return count
      }
      return count == 1 ? nil : BrokerBytes.ack(1)
    }
    var options = LinkDriver.quickOptions()
    options.confirmTimeout = .milliseconds(100)
    let driver = try LinkDriver("amqp://127.0.0.1:\(port)", .init(publishes: true), options: options)
    await driver.startAndWait()
    async let outcome = driver.publish(all: [[1]], key: "q", properties: OutgoingProperties())
    _ = await broker.call(.basicPublish)
    let lost = await driver.event { if case .disconnected = $0 { true } else { false } }
    guard case .disconnected(let failure, _, _) = lost else { return }
    #expect(failure.kind == .connectionLost)
    #expect(failure.detail.contains("confirmed no message"))
    // It is published again on the next connection, where the broker confirms it.
    #expect(await outcome.map(Self.name) == ["confirmed"])
    await Self.end(broker, driver)
  }

  @Test(
    arguments: [
      ([BrokerBytes.ack(3, multiple: true)], ["confirmed", "confirmed", "confirmed"]),
      ([BrokerBytes.ack(2), BrokerBytes.ack(1), BrokerBytes.ack(3)], ["confirmed", "confirmed", "confirmed"]),
      ([BrokerBytes.nack(3, multiple: true)], ["refused", "refused", "refused"]),
      ([BrokerBytes.ack(1), BrokerBytes.nack(2), BrokerBytes.ack(3)], ["confirmed", "refused", "confirmed"]),
      ([BrokerBytes.nack(2), BrokerBytes.ack(3, multiple: true)], ["confirmed", "refused", "confirmed"]),
      // Repeated, unknown and impossible numbers change nothing.
      (
        [
          BrokerBytes.ack(1), BrokerBytes.nack(1), BrokerBytes.ack(0), BrokerBytes.ack(99, multiple: true),
          BrokerBytes.ack(.max, multiple: true), BrokerBytes.ack(3, multiple: true),
        ],
        ["confirmed", "confirmed", "confirmed"]
      ),
      (
        [
          BrokerBytes.returned(exchange: "", key: "q")
            + BrokerBytes.content([], properties: BrokerBytes.messageID("m")),
          BrokerBytes.ack(3, multiple: true),
        ],
        ["returned", "confirmed", "confirmed"]
      ),
      (
        [
          BrokerBytes.returned(exchange: "", key: "q")
            + BrokerBytes.content([], properties: BrokerBytes.messageID("m")),
          BrokerBytes.returned(exchange: "", key: "q")
            + BrokerBytes.content([], properties: BrokerBytes.messageID("m")),
          BrokerBytes.ack(1), BrokerBytes.nack(2), BrokerBytes.ack(3),
        ],
        ["returned", "returned", "confirmed"]
      ),
      (
        [
          BrokerBytes.returned(exchange: "", key: "q")
            + BrokerBytes.content([], properties: BrokerBytes.messageID("other")),
          BrokerBytes.returned(exchange: "x", key: "q")
            + BrokerBytes.content([], properties: BrokerBytes.messageID("m")),
          BrokerBytes.returned(exchange: "", key: "q") + BrokerBytes.content([]), BrokerBytes.ack(3, multiple: true),
        ],
        ["confirmed", "confirmed", "confirmed"]
      ),
    ] as [([[UInt8]], [String])])
  func outcomes(broker bytes: [[UInt8]], expected: [String]) async throws {
    let (broker, driver) = try await Self.make()
    var properties = OutgoingProperties()
    properties.messageID = "m"
    async let outcomes = driver.publish(all: [[1], [2], [3]], key: "q", properties: properties)
    for _ in 0..<3 { _ = await broker.call(.basicPublish) }
    for part in bytes { await broker.send(part) }
    #expect(await outcomes.map(Self.name) == expected)
    #expect(await driver.unsettled == 0)
    await Self.end(broker, driver)
  }

  private static func name(_ outcome: PublishOutcome) -> String {
    switch outcome {
    case .confirmed: "confirmed"
    case .returned: "returned"
    case .refused: "refused"
    case .unsendable: "unsendable"
    }
  }

  @Test func whatIsUnconfirmedIsPublishedAgainInOrder() async throws {
    let (broker, driver) = try await Self.make()
    async let outcomes = driver.publish(all: [[1], [2], [3], [4]], key: "q")
    for _ in 0..<4 { _ = await broker.call(.basicPublish) }
    await broker.send(BrokerBytes.ack(2))
    await broker.drop()
    for body: UInt8 in [1, 3, 4] { #expect(await broker.call(.basicPublish).body == [body]) }
    await broker.send(BrokerBytes.ack(3, multiple: true))
    #expect(await outcomes == [.confirmed, .confirmed, .confirmed, .confirmed])
    #expect(await broker.connections == 2)
    await Self.end(broker, driver)
  }

  @Test func aReturnOfALostConnectionDoesNotCount() async throws {
    let (broker, driver) = try await Self.make()
    async let outcome = driver.publish([1], key: "q")
    _ = await broker.call(.basicPublish)
    await broker.send(BrokerBytes.returned(exchange: "", key: "q") + BrokerBytes.content([]))
    await broker.drop()
    _ = await broker.call(.basicPublish)
    await broker.send(BrokerBytes.ack(1))
    #expect(await outcome == .confirmed)
    await Self.end(broker, driver)
  }

  @Test func publishesWaitForAConnection() async throws {
    let broker = try ScriptedBroker()
    let port = try await broker.start { $0.id == .basicPublish ? BrokerBytes.ack(1) : nil }
    let driver = try LinkDriver("amqp://127.0.0.1:\(port)", .init(publishes: true))
    await driver.start()
    #expect(await driver.publish([1], key: "q") == .confirmed)
    await Self.end(broker, driver)
  }

  @Test func publishesWaitForTheEndOfAnAlarm() async throws {
    let (broker, driver) = try await Self.make()
    await broker.send(BrokerBytes.blocked("low on memory"))
    await driver.event { $0 == .blocked(reason: "low on memory") }
    #expect(await driver.isBlocked)
    async let first = driver.publish([1], key: "q")
    async let second = driver.publish([2], key: "q")
    // A request is answered, so the publishes had their chance to overtake it.
    async let declared = driver.request(.declareQueue(.init("q")))
    _ = await broker.call(.queueDeclare)
    await broker.send(BrokerBytes.queueDeclareOK("q"))
    _ = try await declared
    #expect(await broker.remainingCalls.isEmpty)
    await broker.send(BrokerBytes.unblocked)
    _ = await broker.call(.basicPublish)
    _ = await broker.call(.basicPublish)
    await broker.send(BrokerBytes.ack(2, multiple: true))
    #expect(await [first, second] == [.confirmed, .confirmed])
    await Self.end(broker, driver)
  }

  @Test func anAlarmEndsWithItsConnection() async throws {
    let (broker, driver) = try await Self.make()
    await broker.send(BrokerBytes.blocked("low on memory"))
    await driver.event { $0 == .blocked(reason: "low on memory") }
    await broker.drop()
    await driver.event { if case .connected = $0 { true } else { false } }
    async let outcome = driver.publish([1], key: "q")
    _ = await broker.call(.basicPublish)
    await broker.send(BrokerBytes.ack(1))
    #expect(await outcome == .confirmed)
    await Self.end(broker, driver)
  }

  @Test func whatCannotBeSentIsToldAtOnce() async throws {
    let (broker, driver) = try await Self.make()
    let outcome = await driver.publish([1], key: String(repeating: "k", count: 256))
    #expect(outcome == .unsendable("the routing key is longer than 255 bytes"))
    #expect(await driver.unsettled == 0)
    await Self.end(broker, driver)
  }

  /// The broker closes the channel for a message whose exchange does not exist; the others must get through.
  @Test func aMessageThatClosesTheChannelHurtsOnlyItself() async throws {
    let confirms = ConfirmCounter()
    let (broker, driver) = try await Self.make { call in
      switch call.id {
      case .confirmSelect:
        confirms.reset()
        return nil
      case .basicPublish where call.exchange == "missing":
        return BrokerBytes.channelClose(404, "NOT_FOUND - no exchange 'missing' in vhost '/'", because: .basicPublish)
      case .basicPublish: return BrokerBytes.ack(confirms.next())
      default: return nil
      }
    }
    async let good = driver.publish(all: [[1], [2]], key: "q")
    async let bad = driver.publish([3], exchange: "missing", key: "k")
    async let later = driver.publish(all: [[4], [5], [6]], key: "q")
    #expect(await good == [.confirmed, .confirmed])
    #expect(await later == [.confirmed, .confirmed, .confirmed])
    guard case .unsendable(let reason) = await bad else {
      Issue.record("published: \(await bad)")
      return
    }
    #expect(reason.contains("no exchange 'missing'"))
    #expect(await driver.unsettled == 0)
    // Afterwards publishing goes on as before.
    await driver.ready()
    #expect(await driver.publish(all: [[7], [8]], key: "q") == [.confirmed, .confirmed])
    await Self.end(broker, driver)
  }

  /// Some brokers break down over a message, a made-up direct reply-to name for example, and do not say which it was.
  @Test func aMessageThatBreaksTheBrokerHurtsOnlyItself() async throws {
    let confirms = ConfirmCounter()
    let (broker, driver) = try await Self.make { call in
      switch call.id {
      case .confirmSelect:
        confirms.reset()
        return nil
      case .basicPublish where call.exchange == "broken": return BrokerBytes.connectionClose(541, "INTERNAL_ERROR")
      case .basicPublish: return BrokerBytes.ack(confirms.next())
      default: return nil
      }
    }
    async let good = driver.publish(all: [[1], [2]], key: "q")
    async let bad = driver.publish([3], exchange: "broken", key: "k")
    async let later = driver.publish(all: [[4], [5], [6]], key: "q")
    #expect(await good == [.confirmed, .confirmed])
    #expect(await later == [.confirmed, .confirmed, .confirmed])
    #expect(await bad == .unsendable("the broker refused it: INTERNAL_ERROR"))
    #expect(await driver.unsettled == 0)
    await Self.end(broker, driver)
  }

  /// A breakdown may have nothing to do with the one message that happens to be unconfirmed: it gets a second chance.
  @Test func aBrokerThatBreaksDownOnceBlamesNoMessage() async throws {
    let (broker, driver) = try await Self.make()
    async let outcome = driver.publish([1], key: "q")
    _ = await broker.call(.basicPublish)
    await broker.send(BrokerBytes.connectionClose(541, "INTERNAL_ERROR"))
    _ = await broker.call(.basicPublish)
    await broker.send(BrokerBytes.ack(1))
    #expect(await outcome == .confirmed)
    await Self.end(broker, driver)
  }

  /// A broker that shuts down blames no message.
  @Test func aBrokerThatGoesAwayBlamesNoMessage() async throws {
    let (broker, driver) = try await Self.make()
    async let outcome = driver.publish([1], key: "q")
    for _ in 0..<4 {
      _ = await broker.call(.basicPublish)
      await broker.send(BrokerBytes.connectionClose(320, "CONNECTION_FORCED - broker forced connection closure"))
      _ = await broker.call(.basicPublish)
      await broker.send(BrokerBytes.channelClose(404, "NOT_FOUND - no queue 'q'", because: .queueDeclare))
    }
    _ = await broker.call(.basicPublish)
    await broker.send(BrokerBytes.ack(1))
    #expect(await outcome == .confirmed)
    await Self.end(broker, driver)
  }

  /// A request that fails in the middle of everything, and an answer that publishes, must not trap.
  @Test func publishingInTheAnswerToALostRequestWaits() async throws {
    let (broker, driver) = try await Self.make { $0.id == .basicPublish ? BrokerBytes.ack(1) : nil }
    async let outcome = driver.publishWhenRequestFails(.declareQueue(.init("q", passive: true)), [1], key: "q")
    _ = await broker.call(.queueDeclare)
    await broker.send(BrokerBytes.channelClose(404, "NOT_FOUND - no queue 'q'"))
    #expect(await outcome == .confirmed)
    await Self.end(broker, driver)
  }
}

/// Numbers of confirms on one channel.
private final class ConfirmCounter: Sendable {
  private let count = Mutex<UInt64>(0)

  func reset() { count.withLock { $0 = 0 } }

  func next() -> UInt64 {
    count.withLock {
      $0 += 1
      return $0
    }
  }
}
