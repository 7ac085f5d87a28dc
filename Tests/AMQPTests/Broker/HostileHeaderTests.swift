import EventLoop
import TestSupport
import Testing

@testable import AMQP

extension BrokerTests {
  /// Messages that no well-behaved client sends, published past this module's own checks.
  @Suite struct HostileHeaderTests {
    /// Headers as a hostile publisher may send them, and whether the message can be used.
    private static let tables: [(name: String, entries: [UInt8], isUsable: Bool)] =
      FieldKind.all.filter { !"UL".contains($0.kind) }.map {
        ("kind \($0.kind)", WireBytes.entry("k", $0.kind, $0.value), true)
      } + [
        ("an empty key", WireBytes.entry("", "S", WireBytes.long("v".utf8)), true),
        ("a key that is not UTF-8", [2, 0xFF, 0xFE, UInt8(ascii: "V")], true),
        ("equal keys", WireBytes.entry("k", "t", [1]) + WireBytes.entry("k", "t", [0]), true),
        ("tables nested 16 deep", WireBytes.nestedTables(16), true),
        ("tables nested 17 deep", WireBytes.nestedTables(17), false),
        ("tables nested as far as a frame allows", deepTables(16_000), false),
        ("arrays nested as far as a frame allows", deepArrays(26_000), false),
        (
          "headers that fill a frame",
          WireBytes.entry("k", "S", WireBytes.long([UInt8](repeating: 65, count: 130_000))), true
        ),
      ]

    /// Built from the outside in: each level's length is known.
    private static func deepTables(_ levels: Int) -> [UInt8] {
      (0..<levels).flatMap { WireBytes.entry("", "F", WireBytes.integer(UInt32((levels - $0 - 1) * 6))) }
    }

    private static func deepArrays(_ levels: Int) -> [UInt8] {
      let arrays: [[UInt8]] = (0..<levels).map { level in
        [UInt8(ascii: "A")] + WireBytes.integer(UInt32((levels - level - 1) * 5))
      }
      return WireBytes.short("k") + arrays.joined()
    }

    @Test func noneOfThemEndsTheConnection() async throws {
      let url = try await PrivateBroker.shared().makeVirtualHost()
      let publisher = try LinkDriver(url, .init(publishes: true))
      await publisher.startAndWait()
      // Rejected once, so that the broker adds its own headers to what already fills a frame.
      let dead: [String: FieldValue] = [
        "x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead"),
      ]
      try await publisher.request(.declareQueue(.init("q", arguments: dead)))
      try await publisher.request(.declareQueue(.init("dead")))
      for table in Self.tables {
        var properties = OutgoingProperties()
        properties.headers = HeaderTable(uncheckedWire: table.entries)
        #expect(await publisher.publishUnchecked([1], key: "q", properties: properties) == .confirmed, "\(table.name)")
      }
      let consumer = try LinkDriver(url, .init(queue: "q"))
      await consumer.startAndWait()
      for table in Self.tables {
        let message = await consumer.delivery()
        #expect((message.defect == nil) == table.isUsable, "\(table.name): \(String(describing: message.defect))")
        if table.isUsable { #expect(message.properties.headers.bytes == table.entries, "\(table.name)") }
        #expect(await consumer.settle(message, .reject))
      }
      let graveyard = try LinkDriver(url, .init(queue: "dead"))
      await graveyard.startAndWait()
      for table in Self.tables {
        let message = await graveyard.delivery()
        #expect((message.defect == nil) == table.isUsable, "\(table.name), dead: \(String(describing: message.defect))")
        #expect(await graveyard.settle(message))
      }
      for driver in [publisher, consumer, graveyard] {
        #expect(await driver.epoch == 1)
        await driver.stop()
      }
    }
  }
}
