import EventLoop
import Testing

@testable import AMQP

@Suite struct ContentAssemblerTests {
  private static let envelope = DeliveryEnvelope(
    tag: 1, isRedelivered: false, exchange: "", routingKey: "q", consumerTag: "c")

  private static func header(size: UInt64, classID: UInt16 = 60, properties: [UInt8] = [0, 0]) -> [UInt8] {
    WireBytes.integer(classID) + [0, 0] + WireBytes.integer(size) + properties
  }

  /// Takes a payload as a header frame or a piece of a body; an array keeps typed throws out of the closures.
  private static func take(
    header: [UInt8], _ assembler: inout ContentAssembler, _ pool: BufferPool
  ) throws -> Delivery? {
    try header.withUnsafeBytes { try assembler.header($0, pool: pool)?.delivery }
  }

  private static func take(body: [UInt8], _ assembler: inout ContentAssembler) throws -> Delivery? {
    try body.withUnsafeBytes { try assembler.body($0)?.delivery }
  }

  private static func begun(bodyLimit: Int = 1_000) throws -> ContentAssembler {
    var assembler = ContentAssembler(bodyLimit: bodyLimit)
    try assembler.begin(.delivery, envelope)
    return assembler
  }

  @Test func aBodyOfZeroBytesIsCompleteWithItsHeader() throws {
    var assembler = try Self.begun()
    let content = try #require(try Self.take(header: Self.header(size: 0), &assembler, BufferPool()))
    #expect(content.body.count == 0)
    #expect(content.defect == nil)
    #expect(assembler.isIdle)
  }

  @Test(arguments: [1, 2, 7, 1_000])
  func aBodyIsPutTogetherFromItsPieces(piece: Int) throws {
    var random = SeededRandom(seed: 1)
    let body = random.bytes(1_000)
    var assembler = try Self.begun()
    #expect(try Self.take(header: Self.header(size: 1_000), &assembler, BufferPool()) == nil)
    var content: Delivery?
    for start in stride(from: 0, to: body.count, by: piece) {
      #expect(content == nil)
      content = try Self.take(body: Array(body[start..<min(start + piece, body.count)]), &assembler)
    }
    #expect(Array(try #require(content).body.bytes) == body)
    #expect(assembler.isIdle)
  }

  @Test(arguments: [1_001, 1 << 33, UInt64.max])
  func anOversizedBodyTakesNoMemory(size: UInt64) throws {
    let pool = BufferPool()
    var assembler = try Self.begun()
    #expect(try Self.take(header: Self.header(size: size), &assembler, pool) == nil)
    #expect(pool.bytesInUse <= 1_024)
    #expect(try Self.take(body: [UInt8](repeating: 0, count: 1_000), &assembler) == nil)
    #expect(pool.bytesInUse <= 1_024)
  }

  @Test func anOversizedBodyIsSkippedAndReported() throws {
    let pool = BufferPool()
    var assembler = try Self.begun(bodyLimit: 10)
    #expect(
      try Self.take(header: Self.header(size: 30, properties: BrokerBytes.messageID("m")), &assembler, pool) == nil)
    #expect(try Self.take(body: [UInt8](repeating: 0, count: 20), &assembler) == nil)
    let content = try #require(try Self.take(body: [UInt8](repeating: 0, count: 10), &assembler))
    #expect(content.defect == .oversizedBody(size: 30, limit: 10))
    #expect(content.body.count == 0)
    #expect(content.properties.messageID == "m")
    #expect(assembler.isIdle)
  }

  @Test func malformedPropertiesSpoilTheMessageAlone() throws {
    var assembler = try Self.begun()
    let bomb = [0x20, 0] + WireBytes.long(WireBytes.nestedTables(1_000))
    #expect(try Self.take(header: Self.header(size: 2, properties: bomb), &assembler, BufferPool()) == nil)
    let content = try #require(try Self.take(body: [1, 2], &assembler))
    #expect(content.defect == .malformedProperties)
    #expect(content.properties.messageID == nil)
    #expect(assembler.isIdle)
  }

  @Test func whatIsOutOfOrderIsRefused() throws {
    var idle = ContentAssembler(bodyLimit: 10)
    #expect(throws: ProtocolViolation.self) { try Self.take(header: Self.header(size: 0), &idle, BufferPool()) }
    #expect(throws: ProtocolViolation.self) { try Self.take(body: [1], &idle) }

    var begun = try Self.begun()
    #expect(throws: ProtocolViolation.self) { try begun.begin(.delivery, Self.envelope) }
    #expect(throws: ProtocolViolation.self) { try Self.take(body: [1], &begun) }

    #expect(try Self.take(header: Self.header(size: 5), &begun, BufferPool()) == nil)
    #expect(throws: ProtocolViolation.self) { try Self.take(header: Self.header(size: 5), &begun, BufferPool()) }
    #expect(throws: ProtocolViolation.self) { try begun.begin(.delivery, Self.envelope) }
    #expect(throws: ProtocolViolation.self) { try Self.take(body: [1, 2, 3, 4, 5, 6], &begun) }
  }

  @Test func aMalformedHeaderIsRefused() throws {
    let whole = Self.header(size: 5)
    for length in 0..<12 {
      var assembler = try Self.begun()
      #expect(throws: ProtocolViolation.self) {
        try Self.take(header: Array(whole.prefix(length)), &assembler, BufferPool())
      }
    }
    var assembler = try Self.begun()
    #expect(throws: ProtocolViolation.self) {
      try Self.take(header: Self.header(size: 5, classID: 50), &assembler, BufferPool())
    }
  }
}
