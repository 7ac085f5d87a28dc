import Foundation
import Testing

@testable import RelayCore

struct Base64DecoderTests {
  private func decode(_ text: String, limit: Int) -> [UInt8] {
    Array(text.utf8).withUnsafeBytes { Base64Decoder.decodePrefix($0, limit: limit) }
  }

  @Test func decodesWhatFoundationEncodes() {
    var random = CheckRandom(seed: CheckRandom.seed("Base64Decoder"))
    for count in 0...200 {
      let bytes = random.bytes(count)
      let text = Data(bytes).base64EncodedString()
      #expect(decode(text, limit: .max) == bytes)
      #expect(decode(text, limit: count / 2) == Array(bytes.prefix(count / 2)))
    }
  }

  @Test(arguments: [
    ("", ""), ("QQ", "A"), ("QUI", "AB"), ("QUJD*UVG", "ABC"), ("*", ""), ("QUJ", "AB"), ("Q", ""), ("====", ""),
  ])
  func stopsAtTheFirstForeignByte(_ text: String, _ expected: String) {
    #expect(decode(text, limit: 100) == Array(expected.utf8))
    #expect(decode(text, limit: -1).isEmpty)
  }

  /// Every byte value at every place of a block: the fast check agrees with the alphabet.
  @Test func findsForeignBytes() {
    let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    for byte in UInt8.min...UInt8.max {
      for place in 0..<37 {
        var text = [UInt8](repeating: UInt8(ascii: "z"), count: 37)
        text[place] = byte
        let found = text.withUnsafeBytes { Base64Alphabet.firstForeignByte(in: $0) }
        #expect(found == (alphabet.contains(byte) ? nil : place))
      }
    }
  }
}
