import EventLoop
import Foundation
import Testing

@testable import OCRRelay

struct EncodedBodyTests {
  private static func buffer(_ bytes: [UInt8]) -> PooledBuffer {
    let buffer = BufferPool().take(capacity: bytes.count)
    bytes.withUnsafeBytes { buffer.append($0) }
    return buffer
  }

  /// Reads everything in pieces of random size; 0 before the end would make the HTTP client give up.
  private static func read(_ body: EncodedBody, largest: Int, _ random: inout TestRandom) -> [UInt8] {
    var text: [UInt8] = []
    while text.count < body.length {
      var room = [UInt8](repeating: 0xAA, count: Int.random(in: 1...largest, using: &random))
      let written = room.withUnsafeMutableBytes { body.read(into: $0) }
      guard written > 0, written <= room.count else { break }
      #expect(room[written...].allSatisfy { $0 == 0xAA }, "wrote more than it says")
      text += room[..<written]
    }
    return text
  }

  @Test func anyPiecesMakeTheSameText() throws {
    let seed = TestRandom.seed("EncodedBody")
    var random = TestRandom(seed: seed)
    for round in 0..<300 {
      let bytes = random.bytes(round < 20 ? round : Int.random(in: 0...5_000, using: &random))
      let prefix = Array(#"{"image":""#.utf8.prefix(Int.random(in: 0...10, using: &random)))
      let suffix = Array(#"","detect_direction":true}"#.utf8.prefix(Int.random(in: 0...26, using: &random)))
      let body = try #require(EncodedBody(prefix: prefix, suffix: suffix, source: Self.buffer(bytes)))
      let expected = prefix + Array(Data(bytes).base64EncodedString().utf8) + suffix
      try #require(body.length == expected.count, "seed \(seed)")
      let largest = [1, 2, 3, 7, 64, 10_000].randomElement(using: &random) ?? 1
      try #require(Self.read(body, largest: largest, &random) == expected, "seed \(seed)")
      var room = [UInt8](repeating: 0, count: 8)
      try #require(room.withUnsafeMutableBytes { body.read(into: $0) } == 0, "seed \(seed): nothing after the end")
      body.rewind()
      try #require(Self.read(body, largest: largest, &random) == expected, "seed \(seed): after a rewind")
    }
  }

  @Test func aRewindInTheMiddleBeginsAnew() throws {
    var random = TestRandom(seed: 1)
    let body = try #require(EncodedBody(prefix: [1, 2], suffix: [3], source: Self.buffer([0, 0, 0, 0])))
    for part in 1..<body.length {
      body.rewind()
      var room = [UInt8](repeating: 0, count: part)
      #expect(room.withUnsafeMutableBytes { body.read(into: $0) } == part)
      body.rewind()
      #expect(Self.read(body, largest: 3, &random) == [1, 2] + Array("AAAAAA==".utf8) + [3])
    }
  }

  @Test func noRoomIsNoProgress() throws {
    let body = try #require(EncodedBody(prefix: [1], suffix: [2], source: Self.buffer([9])))
    #expect(body.read(into: UnsafeMutableRawBufferPointer(start: nil, count: 0)) == 0)
  }
}
