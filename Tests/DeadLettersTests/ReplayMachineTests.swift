import Testing

@testable import DeadLetters

struct ReplayMachineTests {
  private static let letters = (0..<20).map { number in
    LetterID(of: ["\(number)"], body: UnsafeRawBufferPointer(start: nil, count: 0))
  }

  private func machine(canaries: Int = 1, stopAfter: Int = 3, isCanaryPassed: Bool = false) -> ReplayMachine {
    var plan = ReplayPlan(id: "a", createdAt: 0, filter: "", place: .dead)
    for letter in Self.letters { plan.add(letter, queue: "q") }
    if isCanaryPassed { plan.noteCanaryPassed() }
    var options = ReplayOptions()
    options.canaries = canaries
    options.stopAfterFailures = stopAfter
    return ReplayMachine(plan, options)
  }

  private func expectHeard(_ machine: inout ReplayMachine, _ letter: LetterID, _ outcome: String) {
    let isHeard = machine.ended(letter, outcome)
    #expect(isHeard)
  }

  @Test func theRestWaitsForTheCanaries() {
    var machine = machine(canaries: 2)
    machine.sent(Self.letters[0])
    #expect(machine.decision == .send)
    machine.sent(Self.letters[1])
    #expect(machine.decision == .awaitOutcome)
    expectHeard(&machine, Self.letters[1], "ok")
    #expect(machine.decision == .awaitOutcome)
    expectHeard(&machine, Self.letters[0], "ok")
    #expect(machine.decision == .passCanary)
    machine.canaryPassed()
    #expect(machine.decision == .send)
  }

  @Test func anOperatorStopsItWheneverHeWants() {
    for isCanaryPassed in [false, true] {
      var machine = machine(canaries: 2, isCanaryPassed: isCanaryPassed)
      machine.sent(Self.letters[0])
      machine.stopRequested()
      #expect(machine.decision == .stop(.operatorStopped))
      let result = machine.finish(isComplete: false, stop: .operatorStopped)
      #expect(result.sent == 1)
      #expect(result.silent == 1)
      #expect(result.remaining == 19)
    }
  }

  @Test func aCanaryThatDiesStopsEverything() {
    var machine = machine(canaries: 1, stopAfter: 0)
    machine.sent(Self.letters[0])
    expectHeard(&machine, Self.letters[0], "OCR_POISON")
    #expect(machine.decision == .stop(.canaryDied(code: "OCR_POISON")))
    let result = machine.finish(isComplete: false, stop: .canaryDied(code: "OCR_POISON"))
    #expect(result.failedAgain == ["OCR_POISON": 1] && result.remaining == 19)
  }

  @Test func aSilentCanaryStopsEverything() {
    var machine = machine()
    machine.sent(Self.letters[0])
    machine.silenceFell()
    #expect(machine.decision == .stop(.canarySilent))
    let isHeard = machine.ended(Self.letters[0], "ok")
    #expect(!isHeard)
  }

  @Test func aCanaryThatCannotGoIsNoCanary() {
    var machine = machine()
    machine.sent(Self.letters[0])
    machine.unsent(Self.letters[0])
    machine.notMoved("full")
    #expect(machine.decision == .send)
    #expect(machine.result.sent == 0)
  }

  @Test(arguments: [true, false]) func nobodyWaitsWithoutCanaries(_ isResumed: Bool) {
    var machine = machine(canaries: isResumed ? 1 : 0, isCanaryPassed: isResumed)
    for letter in Self.letters {
      #expect(machine.decision == .send)
      machine.sent(letter)
    }
  }

  @Test func stopsAfterFailures() {
    var machine = machine(canaries: 0)
    for letter in Self.letters.prefix(3) { machine.sent(letter) }
    _ = machine.ended(Self.letters[0], "A")
    machine.notMoved("full")
    #expect(machine.decision == .send)
    _ = machine.ended(Self.letters[1], "B")
    #expect(machine.decision == .stop(.failures))
    #expect(machine.result.failures == 3)
  }

  @Test func whatWasNotFoundIsGoneOnlyWhenEverythingWasSeen() {
    var machine = machine(canaries: 0)
    machine.sent(Self.letters[0])
    machine.notMoved("full")
    var other = machine
    let whole = machine.finish(isComplete: true, stop: nil)
    #expect(whole.gone == 18 && whole.remaining == 1 && whole.silent == 1)
    let part = other.finish(isComplete: false, stop: .failures)
    #expect(part.gone == 0 && part.remaining == 19)
  }

  /// Whatever happens in whatever order: nothing is sent past an unproven canary or a stop, and the figures add up.
  @Test func randomRuns() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    for _ in 0..<2_000 {
      let canaries = Int.random(in: 0...3, using: &random)
      let stopAfter = Int.random(in: 0...4, using: &random)
      var machine = machine(canaries: canaries, stopAfter: stopAfter)
      var next = 0
      var hasPassed = canaries == 0
      for _ in 0..<60 {
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1, 2:
          switch machine.decision {
          case .send where next < Self.letters.count:
            machine.sent(Self.letters[next])
            next += 1
            if Bool.random(using: &random), Bool.random(using: &random) {
              machine.unsent(Self.letters[next - 1])
              machine.notMoved("full")
            }
          case .passCanary:
            machine.canaryPassed()
            hasPassed = true
          default: break
          }
        case 3: _ = machine.ended(Self.letters.randomElement(using: &random)!, "ok")
        case 4: _ = machine.ended(Self.letters.randomElement(using: &random)!, "OCR_POISON")
        default: if Int.random(in: 0..<10, using: &random) == 0 { machine.silenceFell() }
        }
        #expect(hasPassed || machine.result.sent <= canaries, "seed \(seed)")
      }
      let result = machine.finish(isComplete: Bool.random(using: &random), stop: nil)
      let heard = result.recognised + result.failedAgain.values.reduce(0, +) + result.silent
      #expect(heard == result.sent, "seed \(seed)")
      #expect(!machine.isAwaiting && result.remaining >= 0, "seed \(seed)")
    }
  }
}
