import RelaySimulator
import Testing

/// Random runs of relays, broker and OCR service; each prints its seed when it breaks a promise.
struct SimulatorTests {
  /// Enough runs to meet every kind of fault hundreds of times, and few enough for an unoptimised build.
  private static let seeds: UInt64 = 10_000

  @Test func everyPromiseIsKept() {
    let first = UInt64.random(in: 0...1 << 48)
    print("RelaySimulator: seeds \(first) to \(first + Self.seeds - 1)")
    let result = Simulator().run(seeds: first..<first + Self.seeds)
    #expect(result.violation == nil, "\(result.violation.map { "\($0)" } ?? "")")
  }

  /// Seeds that found something once. The first: a gate that closes while the consumer is being started. The second: one
  /// that closes while a request waits for the call of another that is given back.
  @Test(arguments: [51_376, 23_645] as [UInt64])
  func whatWasFoundStaysMended(_ seed: UInt64) {
    let violation = Simulator().run(seed: seed).violation
    #expect(violation == nil, "\(violation.map { "\($0)" } ?? "")")
  }

  /// A checker that sees nothing would be content, too.
  @Test func runsAreFullOfTrouble() {
    let counts = Simulator().run(seeds: 0..<1_000).counts
    #expect(counts.runs == 1_000)
    #expect(counts.requests > 10_000)
    #expect(counts.faults > 2_000)
    #expect(counts.disruptions > 200)
    #expect(counts.relayEnds > 100)
    #expect(counts.retries > 2_000)
    #expect(counts.parked > 50)
    #expect(counts.replaced > 0)
    #expect(counts.poisoned + counts.toldPoison > 5)
    #expect(counts.repeatedCopies > 50)
    #expect(counts.repeatedEnds > 50)
  }

  @Test func withoutFaultsEveryRequestEndsOnce() {
    var quiet = 0
    for seed in UInt64(0)..<2_000 {
      let counts = Simulator().run(seed: seed).counts
      guard counts.faults == 0, counts.poisoned == 0, counts.toldPoison == 0 else { continue }
      quiet += 1
      #expect(counts.repeatedEnds == 0 && counts.repeatedCopies == 0 && counts.disruptions == 0, "seed \(seed)")
    }
    #expect(quiet > 50)
  }

  @Test(arguments: [0, 1, 7, 4_711, UInt64.max])
  func sameSeedGivesTheSameRun(_ seed: UInt64) {
    let run = Simulator().run(seed: seed, isTracing: true)
    #expect(run == Simulator().run(seed: seed, isTracing: true))
    #expect(!run.trace.isEmpty)
    #expect(run.counts == Simulator().run(seed: seed).counts, "a trace changes nothing")
  }

  @Test(arguments: PlantedBug.allCases)
  func plantedBugIsFound(_ bug: PlantedBug) throws {
    let simulator = Simulator(plant: bug)
    let violation = try #require(simulator.run(seeds: 0..<10_000).violation)
    #expect(simulator.run(seed: violation.seed, isTracing: true).violation == violation, "replayed")
    #expect(Self.broken(by: bug).contains(violation.promise), "\(violation)")
  }

  private static func broken(by bug: PlantedBug) -> Set<Violation.Promise> {
    switch bug {
    case .ackBeforeConfirm, .retryAckedEarly, .returnIgnored: [.ackAfterConfirm]
    case .staleEpochAcked: [.noStaleAck, .nothingLost]
    case .attemptHeaderTrusted: [.attemptsCounted, .onlyOwnFailuresEnd]
    case .unauthorizedLoop, .givenBackInCall: [.callsOnce]
    case .deadlineIgnored: [.deadlineKept]
    case .refusedLoginRepeated, .loginStorm: [.loginsBounded]
    case .unconfirmedForgotten: [.everythingEnds]
    case .sharedFailureIgnored: [.everyoneWaits]
    case .demandedWaitCut: [.waitKept]
    case .resultsNotKept: [.callsOnce]
    case .replyTriedForEver: [.heldBriefly]
    case .poisonTaken: [.poisonIsTold]
    case .startsAtFullSpeed, .wornGivenBack: [.innocentsSurvive]
    }
  }

  /// Bugs that lose requests are also seen by the loss alone.
  @Test(arguments: [PlantedBug.ackBeforeConfirm, .retryAckedEarly, .returnIgnored, .staleEpochAcked])
  func lossIsSeen(_ bug: PlantedBug) throws {
    let simulator = Simulator(plant: bug, checking: [.nothingLost])
    let violation = try #require(simulator.run(seeds: 0..<10_000).violation)
    #expect(violation.promise == .nothingLost)
  }
}
