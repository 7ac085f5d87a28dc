import Testing

@testable import DeadLetters

struct ReplayPlanTests {
  private static let letters = (0..<5).map { number in
    LetterID(of: ["\(number)"], body: UnsafeRawBufferPointer(start: nil, count: 0))
  }

  private func sample() -> ReplayPlan {
    var plan = ReplayPlan(id: "0011", createdAt: 7, filter: "--cause poison", place: .dead)
    for letter in Self.letters { plan.add(letter, queue: "ocr.dead.poison") }
    plan.add(Self.letters[0], queue: "ocr.dead.malformed")
    return plan
  }

  private func text(_ plan: ReplayPlan, _ more: [String] = []) throws -> [UInt8] {
    var lines: [String] = []
    try plan.write { lines.append($0) }
    return (lines + more).flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] }
  }

  @Test func readsWhatItWrites() throws {
    let plan = sample()
    #expect(plan.letters == 6)
    #expect(plan.queues == ["ocr.dead.poison", "ocr.dead.malformed"])
    #expect(try ReplayPlan(reading: text(plan)) == plan)
  }

  @Test func goesOnWhereItWas() throws {
    let lines = [
      ReplayPlan.publishedLine(Self.letters[1]), ReplayPlan.outcomeLine(Self.letters[1], "ok"), ReplayPlan.canaryLine,
      ReplayPlan.publishedLine(Self.letters[0]),
    ]
    let plan = try ReplayPlan(reading: text(sample(), lines))
    #expect(plan.published == 2)
    #expect(plan.isCanaryPassed)
    #expect(plan.step(for: Self.letters[1]) == .remove)
    #expect(plan.step(for: Self.letters[2]) == .publish)
    // Two equal letters, one of them sent.
    #expect(plan.step(for: Self.letters[0]) == .publish)
    let stranger = LetterID(of: ["x"], body: UnsafeRawBufferPointer(start: nil, count: 0))
    #expect(plan.step(for: stranger) == .leave)
  }

  /// A kill may cut the last line off anywhere; what is before it counts.
  @Test func aTornLineDoesNotCount() throws {
    let whole = try text(sample())
    let line = Array(ReplayPlan.publishedLine(Self.letters[1]).utf8)
    for count in 0..<line.count {
      #expect(try ReplayPlan(reading: whole + line.prefix(count)).published == 0)
    }
  }

  @Test func anUnfinishedPlanIsNone() throws {
    let whole = try text(sample())
    for count in 0..<(whole.count - 1) {
      #expect(throws: ReplayPlan.Invalid.self) { try ReplayPlan(reading: Array(whole.prefix(count))) }
    }
  }

  @Test func survivesAnyFile() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    let whole = try text(sample(), [ReplayPlan.canaryLine])
    for _ in 0..<5_000 {
      var bytes = whole
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      if let plan = try? ReplayPlan(reading: bytes) { #expect(plan.letters >= plan.published, "seed \(seed)") }
    }
  }
}
