import Testing

@testable import AMQP

@Suite struct MessagePropertiesTests {
  /// Each field with its wire bytes, in wire order.
  private static let fields: [(PropertyField, [UInt8])] = [
    (.contentType, WireBytes.short("application/json")),
    (.contentEncoding, WireBytes.short("gzip")),
    (.headers, WireBytes.long(WireBytes.entry("k", "S", WireBytes.long("v".utf8)) + WireBytes.entry("", "V", []))),
    (.deliveryMode, [2]),
    (.priority, [9]),
    (.correlationID, WireBytes.short("correlation")),
    (.replyTo, WireBytes.short("reply")),
    (.expiration, WireBytes.short("60000")),
    (.messageID, WireBytes.short("message")),
    (.timestamp, [0, 0, 0, 0, 0x65, 1, 2, 3]),
    (.type, WireBytes.short("general-text")),
    (.userID, WireBytes.short("user")),
    (.appID, WireBytes.short("app")),
    (.clusterID, WireBytes.short("cluster")),
  ]

  private static func wire(_ wanted: [(PropertyField, [UInt8])]) -> [UInt8] {
    let flags = wanted.reduce(UInt16(0)) { $0 | 1 << $1.0.rawValue }
    return WireBytes.integer(flags) + wanted.flatMap(\.1)
  }

  private static func parse(_ bytes: some Collection<UInt8>) -> MessageProperties? {
    Array(bytes).withUnsafeBytes { MessageProperties(wire: $0) }
  }

  @Test func readsEveryField() throws {
    let properties = try #require(Self.parse(Self.wire(Self.fields)))
    #expect(properties.contentType == "application/json")
    #expect(properties.contentEncoding == "gzip")
    #expect(properties.headers.keys == ["k", ""])
    #expect(properties.headers.string("k") == "v")
    #expect(properties.hasHeaders)
    #expect(properties.deliveryMode == 2)
    #expect(properties.priority == 9)
    #expect(properties.correlationID == "correlation")
    #expect(properties.replyTo == "reply")
    #expect(properties.expiration == "60000")
    #expect(properties.messageID == "message")
    #expect(properties.timestamp == 0x6501_0203)
    #expect(properties.type == "general-text")
    #expect(properties.userID == "user")
    #expect(properties.appID == "app")
    #expect(properties.text(.clusterID) == "cluster")
  }

  @Test func readsEachFieldAlone() throws {
    for (field, bytes) in Self.fields {
      let properties = try #require(Self.parse(Self.wire([(field, bytes)])), "\(field)")
      for other in PropertyField.allCases where ![.headers, .deliveryMode, .priority, .timestamp].contains(other) {
        #expect((properties.text(other) != nil) == (other == field), "\(other) of a message with \(field)")
      }
      #expect((properties.deliveryMode != nil) == (field == .deliveryMode))
      #expect((properties.priority != nil) == (field == .priority))
      #expect((properties.timestamp != nil) == (field == .timestamp))
      #expect(properties.hasHeaders == (field == .headers))
    }
  }

  @Test func readsEverySubsetOfFields() async {
    for subset in 0..<1 << Self.fields.count {
      await yieldNowAndThen(subset)
      let wanted = Self.fields.indices.filter { subset & 1 << $0 != 0 }.map { Self.fields[$0] }
      guard let properties = Self.parse(Self.wire(wanted)) else {
        Issue.record("refused fields \(wanted.map(\.0))")
        continue
      }
      let found = [properties.messageID == "message", properties.appID == "app"]
      let expected = [PropertyField.messageID, .appID].map { field in wanted.contains { $0.0 == field } }
      if found != expected { Issue.record("fields \(wanted.map(\.0)): \(found)") }
    }
  }

  @Test func everyPrefixIsMalformed() {
    let whole = Self.wire(Self.fields)
    for length in 0..<whole.count { #expect(Self.parse(whole.prefix(length)) == nil, "\(length) bytes") }
  }

  @Test(arguments: [
    ("bytes after the last field", [0, 0, 0]),
    ("a second flag word", [0, 1, 0, 0]),
    ("a field that does not exist", [0, 2, 0]),
    ("headers nested too deeply", [0x20, 0] + WireBytes.long(WireBytes.nestedTables(17))),
    ("headers of an unknown kind", [0x20, 0] + WireBytes.long(WireBytes.entry("k", "?", []))),
    ("headers longer than the frame", [0x20, 0, 0xFF, 0xFF, 0xFF, 0xFF]),
    ("a text longer than the frame", [0x80, 0, 200, 65]),
  ])
  func malformed(name: String, bytes: [UInt8]) {
    #expect(Self.parse(bytes) == nil, "\(name)")
  }

  @Test func noFieldsAndEmptyFields() throws {
    let none = try #require(Self.parse([0, 0]))
    #expect(none.messageID == nil)
    #expect(none.headers.isEmpty)
    let empty = try #require(Self.parse(Self.wire([(.headers, WireBytes.long([])), (.messageID, [0])])))
    #expect(empty.messageID?.isEmpty == true)
    #expect(!empty.hasHeaders)
    #expect(MessageProperties().messageID == nil)
  }

  @Test func textThatIsNotUTF8IsRepaired() throws {
    let properties = try #require(Self.parse(Self.wire([(.messageID, [2, 0xC3, 0x28])])))
    #expect(properties.messageID == "\u{FFFD}(")
    #expect(properties.withField(.messageID) { Array($0) } == [0xC3, 0x28])
  }
}
