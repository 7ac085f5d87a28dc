import Testing

@testable import OCRRelay

struct ContentHashTests {
  private let hash = ContentHash()

  private func update(_ bytes: some Sequence<UInt8>) {
    Array(bytes).withUnsafeBytes { hash.update($0) }
  }

  /// The example of FIPS 180-2.
  @Test func theHashIsSHA256() {
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    hash.update("abc")
    #expect(hash.finishWhole() == expected)
    hash.update("abc")
    #expect(hash.finish() == String(expected.prefix(32)))
    hash.update("abc")
    let numbers = hash.finishNumbers()
    #expect(HexText.encode(numbers) == String(expected.prefix(32)))
  }

  @Test func everyByteHasItsDigits() {
    for byte in UInt8.min...UInt8.max {
      let digits = String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      let number = UInt64(byte) &* 0x0101_0101_0101_0101
      #expect(HexText.encode((number, ~number)).hasPrefix(String(repeating: digits, count: 8)))
      #expect(HexText.encode([byte]) == digits)
    }
  }

  /// However a text is cut, with pieces of every size between none and more than is gathered.
  @Test(arguments: [1, 2, 3, 5, 8, 13])
  func piecesMakeTheHashOfTheWhole(seed: UInt64) {
    var random = TestRandom(seed: seed)
    for _ in 0..<50 {
      let text = (0..<Int.random(in: 0...2_000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      update(text)
      let whole = hash.finishWhole()
      var rest = text[...]
      while !rest.isEmpty {
        let size = Int.random(in: 0...[5, 300, 2_000].randomElement(using: &random)!, using: &random)
        update(rest.prefix(size))
        rest = rest.dropFirst(size)
      }
      #expect(hash.finishWhole() == whole)
    }
  }
}
