import Foundation
import RelayCore
import Testing

struct Base64EncoderTests {
  /// Encodes with buffers of the given sizes, in turn.
  private func encode(_ input: [UInt8], chunks: () -> Int) throws -> String {
    var encoder = try #require(Base64Encoder(inputCount: input.count))
    var text: [UInt8] = []
    while !encoder.isAtEnd {
      var buffer = [UInt8](repeating: 0xEE, count: chunks() + 8)
      let room = buffer.count - 8
      let count = input.withUnsafeBytes { input in
        buffer.withUnsafeMutableBytes {
          encoder.read(input, into: UnsafeMutableRawBufferPointer(rebasing: $0[..<room]))
        }
      }
      #expect(buffer[room...].allSatisfy { $0 == 0xEE }, "wrote behind the room")
      #expect(count == min(room, encoder.encodedCount - text.count))
      text += buffer.prefix(count)
    }
    return String(decoding: text, as: UTF8.self)
  }

  @Test func agreesWithFoundationForEveryShortLength() throws {
    var random = CheckRandom(seed: CheckRandom.seed("Base64Encoder"))
    for count in 0...300 {
      let input = random.bytes(count)
      #expect(try encode(input) { 1000 } == Data(input).base64EncodedString())
    }
  }

  @Test func resumesAtAnyPlace() throws {
    let seed = CheckRandom.seed("Base64Encoder chunks")
    var random = CheckRandom(seed: seed)
    for _ in 0..<400 {
      let input = random.bytes(Int.random(in: 1...500, using: &random))
      let largest = Int.random(in: 1...70, using: &random)
      let text = try encode(input) { Int.random(in: 1...largest, using: &random) }
      #expect(text == Data(input).base64EncodedString(), "seed \(seed)")
    }
  }

  @Test func encodesAllPairsOfCharacters() throws {
    let input = (0..<4096).flatMap { (pair: Int) -> [UInt8] in
      let bits = pair << 12 | (4095 - pair)
      return [UInt8(bits >> 16), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
    }
    #expect(try encode(input) { 999 } == Data(input).base64EncodedString())
  }

  @Test func seeks() throws {
    let input = Array("relay the letters".utf8)
    let whole = Array(Data(input).base64EncodedString().utf8)
    for start in 0...whole.count {
      var encoder = try #require(Base64Encoder(inputCount: input.count))
      encoder.seek(to: start)
      var buffer = [UInt8](repeating: 0, count: 100)
      let count = input.withUnsafeBytes { input in buffer.withUnsafeMutableBytes { encoder.read(input, into: $0) } }
      #expect(Array(buffer.prefix(count)) == Array(whole[start...]))
    }
  }

  @Test func refusesInputOfAnotherLength() throws {
    var encoder = try #require(Base64Encoder(inputCount: 4))
    var buffer = [UInt8](repeating: 0, count: 16)
    let count = [1, 2, 3].withUnsafeBytes { input in
      buffer.withUnsafeMutableBytes { encoder.read(UnsafeRawBufferPointer(rebasing: input.prefix(3)), into: $0) }
    }
    #expect(count == 0)
  }

  @Test(
    arguments: [(0, 0), (1, 4), (2, 4), (3, 4), (4, 8), (7_864_320, 10_485_760), (-1, nil), (.max, nil)]
      as [(Int, Int?)])
  func countsWithoutOverflow(_ input: Int, _ encoded: Int?) {
    #expect(Base64Encoder.encodedCount(of: input) == encoded)
    #expect(Base64Encoder(inputCount: input)?.encodedCount == encoded)
  }
}
