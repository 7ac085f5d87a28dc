import Testing

@testable import AMQP

@Suite struct SessionHandshakeTests {
  typealias Seen = SessionProbe.Seen

  @Test func logsInAndOpensOneChannel() {
    let probe = SessionProbe()
    #expect(probe.output == Array("AMQP".utf8) + [0, 0, 9, 1])
    probe.receive(BrokerBytes.start())
    #expect(probe.session.state == .awaitingTune)
    probe.receive(BrokerBytes.tune())
    #expect(probe.session.state == .awaitingOpenOK)
    probe.receive(BrokerBytes.openOK)
    #expect(probe.session.state == .awaitingChannel)
    #expect(probe.seen.isEmpty)
    probe.receive(BrokerBytes.channelOpenOK)
    #expect(probe.session.state == .open)
    #expect(probe.seen == [.opened(heartbeat: 15)])
    #expect(probe.sentMethods == [.connectionStartOK, .connectionTuneOK, .connectionOpen, .channelOpen])
  }

  @Test func theHandshakeMayBeCutAtEveryByte() {
    let bytes = BrokerBytes.handshake
    for cut in 0...bytes.count {
      let probe = SessionProbe()
      probe.receive(Array(bytes[..<cut]))
      probe.receive(Array(bytes[cut...]))
      #expect(probe.seen == [.opened(heartbeat: 15)], "cut at \(cut): \(probe.seen)")
    }
    let probe = SessionProbe()
    probe.receive(bytes, slices: 1)
    #expect(probe.seen == [.opened(heartbeat: 15)])
  }

  @Test(arguments: [(60, 15, 15), (5, 15, 5), (0, 15, 15), (60, 0, 0), (0, 0, 0)] as [(UInt16, UInt16, UInt16)])
  func theSmallerHeartbeatCounts(broker: UInt16, ours: UInt16, agreed: UInt16) {
    let probe = SessionProbe(heartbeat: ours)
    probe.receive(
      BrokerBytes.start() + BrokerBytes.tune(heartbeat: broker) + BrokerBytes.openOK + BrokerBytes.channelOpenOK)
    #expect(probe.seen == [.opened(heartbeat: agreed)])
  }

  @Test(arguments: [(0, 131_072), (1 << 20, 131_072), (4_096, 4_096), (8_192, 8_192)] as [(UInt32, Int)])
  func theSmallerFrameCounts(broker: UInt32, agreed: Int) {
    let probe = SessionProbe()
    probe.receive(
      BrokerBytes.start() + BrokerBytes.tune(frameMax: broker) + BrokerBytes.openOK + BrokerBytes.channelOpenOK)
    probe.forget()
    let body = [UInt8](repeating: 1, count: 300_000)
    probe.session.publish(
      .init(exchange: "", routingKey: "q", properties: OutgoingProperties(), body: .bytes(body)))
    var sizes: [Int] = []
    var rest = probe.output[...]
    while rest.count >= 8 {
      let size = rest.dropFirst(3).prefix(4).reduce(0) { $0 << 8 | Int($1) } + 8
      sizes.append(size)
      rest = rest.dropFirst(size)
    }
    #expect(rest.isEmpty)
    #expect(sizes.max() == agreed)
  }

  @Test(arguments: [1, 7, 8, 9, 4_095] as [UInt32])
  func aFrameSizeBelowTheMinimumIsRefused(frameMax: UInt32) {
    let probe = SessionProbe()
    probe.receive(BrokerBytes.start() + BrokerBytes.tune(frameMax: frameMax))
    #expect(probe.seen == [.ended(.protocolViolation)])
  }

  @Test(
    arguments: [
      ("wrong password", BrokerBytes.start() + BrokerBytes.connectionClose(403, "ACCESS_REFUSED"), .accessRefused, 403),
      (
        "missing virtual host",
        BrokerBytes.start() + BrokerBytes.tune() + BrokerBytes.connectionClose(530, "NOT_ALLOWED"),
        .virtualHost, 530
      ),
      (
        "virtual host without permission",
        BrokerBytes.start() + BrokerBytes.tune() + BrokerBytes.connectionClose(403, "ACCESS_REFUSED"), .virtualHost, 403
      ),
      (
        "too many connections",
        BrokerBytes.start() + BrokerBytes.tune() + BrokerBytes.openOK + BrokerBytes.connectionClose(530, "NOT_ALLOWED"),
        .closedByBroker, 530
      ),
      (
        "shutting down", BrokerBytes.handshake + BrokerBytes.connectionClose(320, "CONNECTION_FORCED"), .closedByBroker,
        320
      ),
      ("other mechanisms", BrokerBytes.start(mechanisms: "EXTERNAL X-PLAIN"), .accessRefused, nil),
      ("no mechanisms", BrokerBytes.start(mechanisms: ""), .accessRefused, nil),
    ] as [(String, [UInt8], ConnectionFailure.Kind, UInt16?)])
  func refusals(name: String, bytes: [UInt8], kind: ConnectionFailure.Kind, code: UInt16?) throws {
    let probe = SessionProbe()
    probe.receive(bytes)
    #expect(probe.seen.last == .ended(kind, code))
    let failure = try #require(probe.failure)
    #expect(!failure.description.isEmpty && !failure.description.contains("\n"))
    if code != nil { #expect(probe.sentMethods.last == .connectionCloseOK) }
  }

  @Test(arguments: [
    Array("AMQP".utf8) + [0, 0, 9, 1], Array("AMQP".utf8) + [3, 1, 0, 0],
    Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8),
    [21, 3, 3, 0, 2, 2, 70], Array("AMQP".utf8),
  ])
  func otherProtocolsAreNamedAsSuch(bytes: [UInt8]) throws {
    for slice in [bytes.count, 1] {
      let probe = SessionProbe()
      probe.receive(bytes, slices: slice)
      if bytes.count >= 7 || slice == bytes.count { #expect(probe.seen == [.ended(.protocolViolation)], "\(slice)") }
    }
  }

  @Test func aTLSPortIsToldApart() throws {
    let probe = SessionProbe()
    probe.receive([21, 3, 3, 0, 2, 2, 70])
    #expect(try #require(probe.failure).detail.contains("amqps://"))
  }

  /// Methods that must not come in a state of the handshake.
  @Test(arguments: [
    [], BrokerBytes.start(), BrokerBytes.start() + BrokerBytes.tune(),
    BrokerBytes.start() + BrokerBytes.tune() + BrokerBytes.openOK,
  ])
  func methodsOutOfOrderEndTheSession(before: [UInt8]) {
    let steps = [BrokerBytes.start(), BrokerBytes.tune(), BrokerBytes.openOK, BrokerBytes.channelOpenOK]
    let expected = [[], [steps[0]], Array(steps[..<2]), Array(steps[..<3])].firstIndex { $0.flatMap { $0 } == before }
    let strangers = [
      BrokerBytes.deliver(tag: 1), BrokerBytes.ack(1), BrokerBytes.getEmpty, BrokerBytes.consumeOK("c"),
      BrokerBytes.channelFlow(active: true), BrokerBytes.returned(exchange: "", key: ""),
      BrokerBytes.header(bodySize: 0),
      WireBytes.frame(3, [1]), WireBytes.method(.connectionSecure, channel: 0, WireBytes.long([1])),
    ]
    for (index, bytes) in (steps + strangers).enumerated() where index != expected {
      let probe = SessionProbe()
      probe.receive(before + bytes)
      #expect(probe.seen == [.ended(.protocolViolation)], "method \(index)")
    }
  }

  @Test func anAlarmDuringTheHandshakeIsNoted() {
    let probe = SessionProbe()
    probe.receive(BrokerBytes.start() + BrokerBytes.tune() + BrokerBytes.openOK)
    probe.receive(BrokerBytes.blocked("low on memory") + BrokerBytes.unblocked + BrokerBytes.channelOpenOK)
    #expect(probe.seen == [.blocked("low on memory"), .unblocked, .opened(heartbeat: 15)])
  }

  @Test(arguments: [1_000, 8_000, 9_000, 60_000])
  func longPasswordsAreSent(length: Int) {
    let probe = SessionProbe(password: String(repeating: "x", count: length))
    probe.receive(BrokerBytes.start())
    #expect(probe.session.state == .awaitingTune)
    #expect(probe.output.count > length)
  }

  @Test func aVirtualHostThatIsTooLongIsReported() {
    let probe = SessionProbe(virtualHost: String(repeating: "v", count: 256))
    probe.receive(BrokerBytes.start() + BrokerBytes.tune())
    #expect(probe.seen == [.ended(.virtualHost)])
  }
}
