import Testing

@testable import AMQP

@Suite struct SequenceRingTests {
  @Test func numbersFromOne() {
    var ring = SequenceRing<String>()
    #expect(ring.nextSequence == 1)
    #expect(ring.first == nil)
    ring.append("a")
    ring.append("b")
    #expect(ring[0] == nil)
    #expect(ring[1] == "a")
    #expect(ring[2] == "b")
    #expect(ring[3] == nil)
    #expect(ring[.max] == nil)
    #expect(ring.nextSequence == 3)
  }

  @Test func settingAnUnknownNumberIsIgnored() {
    var ring = SequenceRing<Int>()
    ring[1] = 5
    ring[0] = 5
    ring[.max] = 5
    #expect(ring.nextSequence == 1)
  }

  @Test func agreesWithADictionaryUnderRandomUse() {
    var random = SeededRandom.announced()
    for _ in 0..<20 {
      var ring = SequenceRing<Int>()
      var model: [UInt64: Int] = [:]
      var next: UInt64 = 1
      for step in 0..<1_000 {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5:
          ring.append(step)
          model[next] = step
          next += 1
        case 5..<9:
          let victim = UInt64.random(in: 0...next + 1, using: &random)
          ring[victim] = nil
          model[victim] = nil
        default: ring.trimFront()
        }
        #expect(ring.nextSequence == next)
        let probe = UInt64.random(in: 0...next, using: &random)
        #expect(ring[probe] == model[probe])
      }
      ring.trimFront()
      #expect(ring.firstSequence == (model.keys.min() ?? next))
    }
  }
}
