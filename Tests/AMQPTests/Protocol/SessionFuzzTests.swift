import Testing

@testable import AMQP

/// Random and damaged streams: a session may end, it never traps, and tells its end once.
@Suite struct SessionFuzzTests {
  private static let valid: [[UInt8]] = [
    BrokerBytes.start(), BrokerBytes.tune(), BrokerBytes.openOK, BrokerBytes.channelOpenOK, BrokerBytes.heartbeat,
    BrokerBytes.deliver(tag: 1) + BrokerBytes.content([1, 2, 3]),
    BrokerBytes.deliver(tag: 2)
      + BrokerBytes.content(
        [4],
        properties: [0xA0, 0x80] + WireBytes.short("a/b")
          + WireBytes.long(FieldKind.all.flatMap { WireBytes.entry("k", $0.kind, $0.value) }) + WireBytes.short("m")),
    BrokerBytes.returned(exchange: "e", key: "k") + BrokerBytes.content([], properties: BrokerBytes.messageID("m")),
    BrokerBytes.ack(1), BrokerBytes.nack(.max, multiple: true), BrokerBytes.blocked("why"), BrokerBytes.unblocked,
    BrokerBytes.cancel("c"), BrokerBytes.consumeOK("c"), BrokerBytes.queueDeclareOK("q"), BrokerBytes.getEmpty,
    BrokerBytes.getOK(tag: 3, left: 1) + BrokerBytes.content([5]), BrokerBytes.channelFlow(active: true),
    BrokerBytes.channelClose(404, "no"), BrokerBytes.connectionClose(320, "no"), BrokerBytes.connectionCloseOK,
    WireBytes.method(.basicQosOK), WireBytes.frame(2, []), WireBytes.frame(3, []),
  ]

  private static func feed(_ stream: [UInt8], into probe: SessionProbe, _ random: inout SeededRandom) {
    var rest = stream[...]
    while !rest.isEmpty {
      let count = min(rest.count, Int.random(in: 1...max(1, stream.count), using: &random))
      probe.receive(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    let ends = probe.seen.count { if case .ended = $0 { true } else { false } }
    if ends != (probe.session.state == .ended ? 1 : 0) { Issue.record("\(ends) ends after \(stream)") }
  }

  private static func damage(_ stream: inout [UInt8], _ random: inout SeededRandom) {
    guard !stream.isEmpty else { return }
    let place = Int.random(in: 0..<stream.count, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: stream[place] = UInt8.random(in: 0...255, using: &random)
    case 1: stream[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: stream.remove(at: place)
    case 3: stream.insert(contentsOf: random.bytes(Int.random(in: 1..<9, using: &random)), at: place)
    default: stream.removeLast(min(stream.count, Int.random(in: 0..<20, using: &random)))
    }
  }

  @Test func randomBytes() async {
    var random = SeededRandom.announced()
    for round in 0..<15_000 {
      await yieldNowAndThen(round)
      let probe = Bool.random(using: &random) ? SessionProbe() : .open()
      Self.feed(random.bytes(Int.random(in: 1..<100, using: &random)), into: probe, &random)
    }
  }

  @Test func damagedStreams() async {
    var random = SeededRandom.announced()
    for round in 0..<40_000 {
      await yieldNowAndThen(round)
      let opened = Int.random(in: 0..<4, using: &random) > 0
      let probe = opened ? SessionProbe.open() : SessionProbe()
      if opened, Bool.random(using: &random) { probe.session.request(.get(queue: "q")) { _ in } }
      if opened, Int.random(in: 0..<20, using: &random) == 0 { probe.session.close() }
      var stream = opened ? [] : BrokerBytes.handshake
      for _ in 0..<Int.random(in: 1..<6, using: &random) { stream += Self.valid.randomElement(using: &random) ?? [] }
      for _ in 0..<Int.random(in: 0..<4, using: &random) { Self.damage(&stream, &random) }
      Self.feed(stream, into: probe, &random)
    }
  }

  /// Damage around bodies that are read to their place: the session may end, and nothing is written outside of a body.
  @Test func damagedStreamsOfLargeBodies() async {
    var random = SeededRandom.announced()
    for round in 0..<1_500 {
      await yieldNowAndThen(round)
      let probe = SessionProbe.open()
      var stream: [UInt8] = []
      for tag in 1..<UInt64.random(in: 2...4, using: &random) {
        let size = Int.random(in: 15_000..<40_000, using: &random)
        stream += BrokerBytes.deliver(tag: tag) + BrokerBytes.content(random.bytes(size), frameMax: 20_000)
      }
      for _ in 0..<Int.random(in: 0..<4, using: &random) { Self.damage(&stream, &random) }
      _ = probe.receiveDirectly(stream, slices: Int.random(in: 1_000..<30_000, using: &random))
      if probe.seen.isEmpty, probe.session.state == .ended { Issue.record("an end that was not told") }
    }
  }

  @Test func methodFramesWithRandomArguments() async {
    var random = SeededRandom.announced()
    let numbers = [
      0x000A_000A, 0x000A_001E, 0x000A_003C, 0x0032_000B, 0x003C_003C, 0x003C_0047, 0x003C_0050, 0x003C_0032,
    ]
    for round in 0..<10_000 {
      await yieldNowAndThen(round)
      let number = UInt32(numbers.randomElement(using: &random) ?? 0)
      let arguments = random.bytes(Int.random(in: 0..<60, using: &random))
      let probe = number < 0x0014_0000 ? SessionProbe() : SessionProbe.open()
      Self.feed(WireBytes.frame(1, WireBytes.integer(number) + arguments), into: probe, &random)
    }
  }
}
