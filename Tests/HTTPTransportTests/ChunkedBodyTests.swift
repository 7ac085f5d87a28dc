import Testing

@testable import HTTPTransport

extension HTTPTransportSuite {
  @Suite struct ChunkedBodyTests {
    /// Bytes that bring a body into a state, and what each further byte makes of it; `nil` is a refusal.
    struct Row: Sendable, CustomTestStringConvertible {
      var before: String
      var state: ChunkedBody.State
      var next: [Character: ChunkedBody.State?]
      var testDescription: String { "after \(before.debugDescription)" }

      init(_ before: String, _ state: ChunkedBody.State, _ next: [Character: ChunkedBody.State?]) {
        (self.before, self.state, self.next) = (before, state, next)
      }
    }

    /// The bytes of the events: digits, line breaks, white space, the sign of an extension, letters, and odd ones.
    static let events: [Character] = ["0", "5", "a", "F", "g", "\r", "\n", " ", "\t", ";", ":", "-", "\0", "\u{7F}"]

    static let table: [Row] = [
      Row(
        "", .size(0, digits: 0),
        [
          "0": .size(0, digits: 1), "5": .size(5, digits: 1), "a": .size(10, digits: 1), "F": .size(15, digits: 1),
        ]),
      Row(
        "1", .size(1, digits: 1),
        [
          "0": .size(16, digits: 2), "5": .size(21, digits: 2), "a": .size(26, digits: 2), "F": .size(31, digits: 2),
          "\r": .sizeReturn(1), "\n": .data(1), " ": .sizeEnd(1, length: 0), "\t": .sizeEnd(1, length: 0),
          ";": .sizeEnd(1, length: 0),
        ]),
      Row(
        "000", .size(0, digits: 3),
        [
          "0": .size(0, digits: 4), "5": .size(5, digits: 4), "a": .size(10, digits: 4), "F": .size(15, digits: 4),
          "\r": .sizeReturn(0), "\n": .trailers(.empty), " ": .sizeEnd(0, length: 0), "\t": .sizeEnd(0, length: 0),
          ";": .sizeEnd(0, length: 0),
        ]),
      // Fifteen digits are the most.
      Row(
        "fffffffffffffff", .size(0xFFF_FFFF_FFFF_FFFF, digits: 15),
        [
          "\r": .sizeReturn(0xFFF_FFFF_FFFF_FFFF), "\n": .data(0xFFF_FFFF_FFFF_FFFF),
          " ": .sizeEnd(0xFFF_FFFF_FFFF_FFFF, length: 0), "\t": .sizeEnd(0xFFF_FFFF_FFFF_FFFF, length: 0),
          ";": .sizeEnd(0xFFF_FFFF_FFFF_FFFF, length: 0),
        ]),
      Row("2\r", .sizeReturn(2), ["\n": .data(2)]),
      Row("0\r", .sizeReturn(0), ["\n": .trailers(.empty)]),
      Row(
        "2;x", .sizeEnd(2, length: 1),
        [
          "0": .sizeEnd(2, length: 2), "5": .sizeEnd(2, length: 2), "a": .sizeEnd(2, length: 2),
          "F": .sizeEnd(2, length: 2), "g": .sizeEnd(2, length: 2), "\r": .sizeReturn(2), "\n": .data(2),
          " ": .sizeEnd(2, length: 2), "\t": .sizeEnd(2, length: 2), ";": .sizeEnd(2, length: 2),
          ":": .sizeEnd(2, length: 2), "-": .sizeEnd(2, length: 2), "\0": .sizeEnd(2, length: 2),
          "\u{7F}": .sizeEnd(2, length: 2),
        ]),
      Row("2\r\n##", .dataEnd(afterReturn: false), ["\r": .dataEnd(afterReturn: true), "\n": .size(0, digits: 0)]),
      Row("2\r\n##\r", .dataEnd(afterReturn: true), ["\n": .size(0, digits: 0)]),
      Row("0\r\n", .trailers(.empty), text("\r", .trailers(.emptyReturn), "\n", .complete)),
      Row("0\r\n\r", .trailers(.emptyReturn), ["\n": .complete]),
      Row("0\r\na", .trailers(.text), text("\r", .trailers(.text), "\n", .trailers(.empty))),
      Row("0\r\nA: b\r", .trailers(.text), text("\r", .trailers(.text), "\n", .trailers(.empty))),
      Row("0\r\nA: b\r\n", .trailers(.empty), text("\r", .trailers(.emptyReturn), "\n", .complete)),
    ]

    @Test(arguments: table)
    func eachByteHasItsPlace(row: Row) throws {
      var before = ChunkedBody()
      try feed(&before, row.before)
      #expect(before.state == row.state)
      for event in Self.events {
        var body = before
        let expected = row.next[event] ?? nil
        do {
          try feed(&body, String(event))
          #expect(body.state == expected, "\(event.debugDescription)")
        } catch {
          #expect(error.kind == .malformedResponse)
          #expect(expected == nil, "\(event.debugDescription): \(error)")
        }
      }
    }

    @Test func dataIsCounted() throws {
      var body = ChunkedBody()
      try feed(&body, "10\r\n")
      #expect(body.state == .data(16))
      body.tookData(1)
      #expect(body.state == .data(15))
      body.tookData(15)
      #expect(body.state == .dataEnd(afterReturn: false))
    }

    @Test func anExtensionHasALimit() throws {
      var body = ChunkedBody()
      try feed(&body, "1;" + String(repeating: "x", count: 4095))
      var longest = body
      try feed(&longest, "\r\n")
      #expect(longest.state == .data(1))
      let fault = #expect(throws: ResponseFault.self) { try feed(&body, "xx") }
      #expect(fault?.kind == .malformedResponse)
    }

    /// What most bytes make of a line behind the body: text. Two of them are given.
    private static func text(
      _ first: Character, _ afterFirst: ChunkedBody.State, _ second: Character, _ afterSecond: ChunkedBody.State
    ) -> [Character: ChunkedBody.State?] {
      var next = Dictionary(uniqueKeysWithValues: events.map { ($0, ChunkedBody.State?.some(.trailers(.text))) })
      next[first] = afterFirst
      next[second] = afterSecond
      return next
    }

    /// Feeds text, in which `#` stands for a byte of the body.
    private func feed(_ body: inout ChunkedBody, _ text: String) throws(ResponseFault) {
      for byte in text.utf8 {
        if byte == UInt8(ascii: "#"), case .data = body.state { body.tookData(1) } else { try body.take(byte) }
      }
    }
  }
}
