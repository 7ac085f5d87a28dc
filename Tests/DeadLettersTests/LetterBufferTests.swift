import AMQP
import Testing

@testable import DeadLetters

struct LetterBufferTests {
  @Test func isFullWithFewSmallLetters() {
    var buffer = LetterBuffer()
    var count = 0
    while !buffer.isFull, count < 100_000 {
      buffer.append(SampleLetter.delivery())
      count += 1
    }
    #expect(count == LetterBuffer.letterLimit)
  }

  @Test func isFullWithTheBytesOfLargeLetters() {
    var buffer = LetterBuffer()
    let letter = SampleLetter.delivery(body: String(repeating: "x", count: 3 << 20))
    for _ in 0..<2 { buffer.append(letter) }
    #expect(!buffer.isFull)
    buffer.append(letter)
    #expect(buffer.isFull)
    _ = buffer.popFirst()
    #expect(!buffer.isFull && !buffer.isHalfEmpty)
    _ = buffer.popFirst()
    #expect(buffer.isHalfEmpty)
  }

  @Test func handsOutInOrderWhatCameBeyondItsLimit() {
    var buffer = LetterBuffer()
    var next: UInt64 = 1
    var taken: [UInt64] = []
    for _ in 0..<20 {
      for _ in 0..<100 {
        buffer.append(SampleLetter.delivery(tag: next))
        next += 1
      }
      for _ in 0..<60 { if let letter = buffer.popFirst() { taken.append(letter.id.tag) } }
    }
    #expect(buffer.count == 800)
    while let letter = buffer.popFirst() { taken.append(letter.id.tag) }
    #expect(taken == Array(1..<next))
    #expect(buffer.isEmpty && buffer.isHalfEmpty && !buffer.isFull)
  }

  @Test func keepsNothingOfLettersThatWereTaken() {
    var buffer = LetterBuffer()
    weak let body = {
      let letter = SampleLetter.delivery()
      buffer.append(letter)
      return letter.body
    }()
    #expect(body != nil)
    _ = buffer.popFirst()
    #expect(body == nil)
  }
}
