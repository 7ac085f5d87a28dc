import RelayCore
import TestSupport
import Testing

@testable import SharedState

@Suite struct SealerTests {
  static let key = String(repeating: "0123456789abcdef", count: 4)

  @Test func whatWasSealedOpensAtItsPlaceOnly() throws {
    let sealer = Sealer(key: try SealingKey(text: Self.key))
    for text in ["", "x", "the token of the fleet", String(repeating: "long ", count: 100_000)] {
      let bytes = Array(text.utf8)
      let sealed = sealer.seal(bytes, context: "ocr:token:1")
      #expect(sealed.count == bytes.count + Sealer.overhead)
      #expect(try sealer.open(sealed, context: "ocr:token:1") == bytes)
      #expect(throws: SealFailure.damaged) { try sealer.open(sealed, context: "ocr:token:2") }
    }
  }

  @Test func theSameBytesAreNeverSealedTheSameWay() throws {
    let sealer = Sealer(key: try SealingKey(text: Self.key))
    let bytes = Array("canary-canary-canary".utf8)
    let seals = (0..<100).map { _ in sealer.seal(bytes, context: "c") }
    #expect(Set(seals).count == 100)
    for seal in seals { #expect(!String(decoding: seal, as: UTF8.self).contains("canary")) }
  }

  @Test func anyChangeIsNoticed() throws {
    let sealer = Sealer(key: try SealingKey(text: Self.key))
    let sealed = sealer.seal(Array("the token".utf8), context: "c")
    for position in sealed.indices {
      for bit in 0..<8 {
        var changed = sealed
        changed[position] ^= 1 << bit
        let expected: SealFailure = position == 0 ? .notSealed : position < 5 ? .otherKey : .damaged
        #expect(throws: expected) { try sealer.open(changed, context: "c") }
      }
    }
    for count in 0..<sealed.count {
      #expect(throws: SealFailure.self) { try sealer.open(Array(sealed.prefix(count)), context: "c") }
    }
    #expect(throws: SealFailure.damaged) { try sealer.open(sealed + [0], context: "c") }
  }

  @Test func bothKeysOpenWhileOneIsReplaced() throws {
    let (old, new) = (try SealingKey(text: Self.key), try SealingKey(text: String(Self.key.reversed())))
    let (before, after) = (Sealer(key: old, others: [new]), Sealer(key: new, others: [old]))
    for (one, other) in [(before, after), (after, before)] {
      #expect(try other.open(one.seal([1, 2, 3], context: "c"), context: "c") == [1, 2, 3])
    }
    #expect(try Sealer(key: new).open(after.seal([1], context: "c"), context: "c") == [1], "the new key seals")
  }

  @Test func anotherKeyIsNamed() throws {
    let sealed = Sealer(key: try SealingKey(text: Self.key)).seal([1, 2, 3], context: "c")
    let other = Sealer(key: try SealingKey(text: String(Self.key.reversed())))
    #expect(throws: SealFailure.otherKey) { try other.open(sealed, context: "c") }
  }

  @Test func randomBytesDoNotOpen() throws {
    var random = SeededRandom.announced()
    let sealer = Sealer(key: try SealingKey(text: Self.key))
    for _ in 0..<20_000 {
      var bytes = (0..<Int.random(in: 0..<120, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      if !bytes.isEmpty, Bool.random(using: &random) { bytes[0] = 1 }
      #expect(throws: SealFailure.self) { try sealer.open(bytes, context: "c") }
    }
  }

  @Test(arguments: [
    key, key.uppercased(), " \(key)\n", "ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8=",
    "ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8\n",
  ])
  func aKeyIsHexadecimalOrBase64(_ text: String) throws {
    let sealed = Sealer(key: try SealingKey(text: Self.key)).seal([1, 2, 3], context: "c")
    #expect(try Sealer(key: try SealingKey(text: text)).open(sealed, context: "c") == [1, 2, 3])
  }

  @Test(arguments: [
    "", "secret", String(repeating: "0", count: 64), String(repeating: "g", count: 64), String(key.dropLast()),
    key + "0",
    "ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze!=", "ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mr", "é",
    "ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze==",
  ])
  func everythingElseIsRefusedUnseen(_ text: String) {
    #expect {
      try SealingKey(text: text)
    } throws: { error in
      error is SealingKey.Problem && (text.isEmpty || !"\(error)".contains(text))
    }
  }

  @Test func noWayOfPrintingShowsTheKey() throws {
    let key = try SealingKey(text: Self.key)
    var dumped = ""
    dump(key, to: &dumped)
    for text in ["\(key)", String(reflecting: key), dumped] { #expect(!text.contains("35") && text.contains("secret")) }
  }
}
