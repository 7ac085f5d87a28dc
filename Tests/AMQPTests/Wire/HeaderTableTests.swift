import Testing

@testable import AMQP

/// One entry of each field kind that RabbitMQ accepts or librabbitmq knows.
struct FieldKind: Sendable, CustomTestStringConvertible {
  let kind: Character
  let value: [UInt8]
  var integer: Int64?
  var text: String?

  var testDescription: String { String(kind) }

  static let all: [FieldKind] = [
    .init(kind: "V", value: []),
    .init(kind: "t", value: [1]),
    .init(kind: "b", value: [0x80], integer: -128),
    .init(kind: "B", value: [0x80], integer: 128),
    .init(kind: "s", value: [0x80, 0], integer: -32_768),
    .init(kind: "U", value: [0xFF, 0xFE], integer: -2),
    .init(kind: "u", value: [0x80, 0], integer: 32_768),
    .init(kind: "I", value: [0xFF, 0xFF, 0xFF, 0xFF], integer: -1),
    .init(kind: "i", value: [0xFF, 0xFF, 0xFF, 0xFF], integer: 4_294_967_295),
    .init(kind: "l", value: [0x80, 0, 0, 0, 0, 0, 0, 0], integer: .min),
    .init(kind: "L", value: [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], integer: .max),
    .init(kind: "T", value: [0, 0, 0, 0, 0x65, 0, 0, 0], integer: 0x6500_0000),
    .init(kind: "f", value: [0, 0, 0x80, 0x3F]),
    .init(kind: "d", value: [0, 0, 0, 0, 0, 0, 0xF0, 0x3F]),
    .init(kind: "D", value: [2, 0, 0, 0, 1]),
    .init(kind: "S", value: WireBytes.long("héllo".utf8), text: "héllo"),
    .init(kind: "x", value: WireBytes.long([0xFF, 0, 1])),
    .init(kind: "F", value: WireBytes.long(WireBytes.entry("n", "t", [0]) + WireBytes.entry("", "V", []))),
    .init(kind: "A", value: WireBytes.long([UInt8(ascii: "t"), 1, UInt8(ascii: "I"), 0, 0, 0, 7])),
  ]
}

@Suite struct HeaderTableTests {
  private let everyKind = FieldKind.all.flatMap { WireBytes.entry("key-\($0.kind)", $0.kind, $0.value) }

  @Test(arguments: FieldKind.all)
  func readsEachKind(field: FieldKind) throws {
    let table = try #require(HeaderTable(wire: WireBytes.entry("k", field.kind, field.value)))
    #expect(table.keys == ["k"])
    #expect(table.integer("k") == field.integer)
    #expect(table.string("k") == field.text)
    #expect((table.data("k") != nil) == (field.kind == "S" || field.kind == "x"))
    #expect(table.integer("other") == nil)
  }

  @Test(arguments: FieldKind.all)
  func refusesEachKindCutShort(field: FieldKind) {
    let entry = WireBytes.entry("key", field.kind, field.value)
    for length in 1..<entry.count { #expect(HeaderTable(wire: entry.prefix(length)) == nil, "\(length) bytes") }
  }

  @Test func anEmptyKeyIsAnOrdinaryKey() throws {
    let table = try #require(HeaderTable(wire: WireBytes.entry("", "S", WireBytes.long("value".utf8))))
    #expect(table.keys == [""])
    #expect(table.string("") == "value")
    #expect(table.filtered { $0.isEmpty }.isEmpty)
  }

  @Test func keysThatAreNotUTF8AreRepaired() throws {
    let table = try #require(HeaderTable(wire: [2, 0xFF, 0xFE, UInt8(ascii: "V")]))
    #expect(table.keys == ["\u{FFFD}\u{FFFD}"])
    #expect(table.filtered { _ in false } == table)
  }

  @Test func theFirstOfEqualKeysCounts() throws {
    let twice = WireBytes.entry("k", "B", [1]) + WireBytes.entry("k", "B", [2])
    #expect(try #require(HeaderTable(wire: twice)).integer("k") == 1)
  }

  @Test func everyCutIsRefusedOrEndsAtAnEntry() {
    var boundaries: Set<Int> = [0]
    var offset = 0
    for field in FieldKind.all {
      offset += WireBytes.entry("key-\(field.kind)", field.kind, field.value).count
      boundaries.insert(offset)
    }
    for length in 0...everyKind.count {
      #expect((HeaderTable(wire: everyKind.prefix(length)) != nil) == boundaries.contains(length), "\(length) bytes")
    }
  }

  @Test(arguments: [1, 16, 17, 18, 5_000, 20_000])
  func nestingIsBounded(levels: Int) {
    let allowed = levels <= HeaderTable.maximumDepth
    #expect((HeaderTable(wire: WireBytes.nestedArrays(levels)) != nil) == allowed)
    // Building tables by hand is quadratic; the largest that fits a frame has about 21 800 levels.
    if levels <= 5_000 { #expect((HeaderTable(wire: WireBytes.nestedTables(levels)) != nil) == allowed) }
  }

  @Test(arguments: ["a", "z", "!", "0", "\0"] as [Character])
  func unknownKindsAreRefused(kind: Character) {
    #expect(HeaderTable(wire: WireBytes.entry("k", kind, [0, 0, 0, 0, 0, 0, 0, 0])) == nil)
  }

  @Test func lengthsBeyondTheTableAreRefused() {
    for kind in ["S", "x", "F", "A"] as [Character] {
      #expect(HeaderTable(wire: WireBytes.entry("k", kind, [0xFF, 0xFF, 0xFF, 0xFF])) == nil)
      #expect(HeaderTable(wire: WireBytes.entry("k", kind, [0, 0, 0, 5, 0, 0])) == nil)
    }
    #expect(HeaderTable(wire: [0xFF, UInt8(ascii: "a")]) == nil)
  }

  @Test func copiesKeepEveryEntryByteForByte() throws {
    let table = try #require(HeaderTable(wire: everyKind))
    #expect(table.filtered { _ in false }.bytes == everyKind)
    let without = table.filtered { $0 == "key-F" || $0 == "key-V" }
    #expect(without.keys == table.keys.filter { $0 != "key-F" && $0 != "key-V" })
    #expect(HeaderTable(wire: without.bytes) == without)
  }

  @Test func aLimitKeepsWholeEntries() throws {
    let table = try #require(HeaderTable(wire: everyKind))
    for limit in 0...everyKind.count {
      let limited = table.limited(to: limit)
      #expect(limited.encodedSize <= limit)
      #expect(HeaderTable(wire: limited.bytes) == limited)
    }
    #expect(table.limited(to: everyKind.count) == table)
  }

  @Test func whatIsAppendedIsReadBack() throws {
    var table = HeaderTable()
    table.append("flag", .bool(true))
    table.append("small", .int32(-7))
    table.append("large", .int64(.min))
    table.append("text", .string("文字"))
    table.append("inner", .table(["b": .bool(false), "a": .table(["x": .int32(1)])]))
    let read = try #require(HeaderTable(wire: table.bytes))
    #expect(read.keys == ["flag", "small", "large", "text", "inner"])
    #expect(read.integer("small") == -7)
    #expect(read.integer("large") == .min)
    #expect(read.string("text") == "文字")
  }

  @Test func randomBytesNeverTrap() async {
    var random = SeededRandom.announced()
    for round in 0..<20_000 {
      await yieldNowAndThen(round)
      var bytes = Bool.random(using: &random) ? everyKind : random.bytes(Int.random(in: 0..<80, using: &random))
      for _ in 0..<Int.random(in: 0..<4, using: &random) where !bytes.isEmpty {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      guard let table = HeaderTable(wire: bytes) else { continue }
      for key in table.keys {
        _ = table.integer(key)
        _ = table.string(key)
        _ = table.data(key)
      }
      if table.filtered(excluding: { _ in false }) != table { Issue.record("a copy of \(bytes) differs") }
    }
  }
}
