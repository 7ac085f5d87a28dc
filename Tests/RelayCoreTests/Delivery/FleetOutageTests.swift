import OCRContract
import RelayCore
import Testing

/// An outage of the service that several processes share.
struct FleetOutageTests {
  private static let failure = SampleFailure.make(.backoff, .service, status: 503)

  private func outage(at seconds: Int, failures: Int, until: Int) -> FleetOutage {
    FleetOutage(
      changedAt: .seconds(seconds), failures: failures, until: .seconds(until), code: .backendFailed,
      backendCode: "ModelArts.4302")
  }

  // MARK: Simulated fleets

  /// The bounds of an outage of a minute: few calls before all have closed, then at most one probe a second.
  @Test(arguments: [2, 8, 40], [true, false])
  func aFleetMakesAtMostOneProbeASecond(count: Int, hearsNews: Bool) throws {
    let seed = CheckRandom.seed("outage of \(count), news: \(hearsNews)")
    var fleet = GateFleet(count, seed: seed)
    if !hearsNews { for index in fleet.processes.indices { fleet.processes[index].hears = false } }
    fleet.pace = .milliseconds(100) * count
    fleet.run(until: .seconds(5))
    fleet.isServiceDown = true
    for second in 5..<65 {
      fleet.look()
      fleet.run(until: .seconds(second + 1))
    }
    let total = fleet.calls(from: .seconds(5), to: .seconds(65))
    // Whoever hears no news is told with its next lease, within two seconds.
    #expect(total <= (hearsNews ? (count <= 8 ? 40 : 60) : 80), "seed \(seed): \(total) calls")
    let closedAt = try #require(fleet.closedAt, "seed \(seed)")
    let told = closedAt + (hearsNews ? .milliseconds(100) : .seconds(2))
    #expect(fleet.mostCallsInASecond(from: told) <= 1, "seed \(seed)")
    fleet.isServiceDown = false
    for second in 65..<90 {
      fleet.look()
      fleet.run(until: .seconds(second + 1))
    }
    #expect(fleet.processes.allSatisfy { $0.gate.state == .open }, "seed \(seed)")
    let after = fleet.calls(from: .seconds(80), to: .seconds(90))
    #expect(after >= 70, "seed \(seed): \(after) calls in ten seconds after it")
  }

  /// One process has lost its way to the service: it suffers alone.
  @Test func whoIsCutOffClosesNobodyElse() {
    let seed = CheckRandom.seed("outage of one")
    var fleet = GateFleet(8, seed: seed)
    fleet.run(until: .seconds(5))
    fleet.cutOff = [3]
    for second in 5..<65 {
      fleet.look()
      fleet.run(until: .seconds(second + 1))
    }
    #expect(fleet.keeper.outage == nil, "seed \(seed)")
    let others = fleet.calls.count { $0.process != 3 && $0.time >= .seconds(10) && $0.time < .seconds(60) }
    #expect(others >= 400, "seed \(seed): \(others)")
    let own = fleet.calls.count { $0.process == 3 && $0.time >= .seconds(15) }
    #expect(own <= 6, "seed \(seed): \(own) probes of its own")
  }

  /// Whoever has the turn dies; without the keeper everybody probes alone, ever more seldom.
  @Test func aLostTurnAndALostKeeperStopNobody() {
    let seed = CheckRandom.seed("outage with losses")
    var fleet = GateFleet(4, seed: seed)
    fleet.isServiceDown = true
    fleet.run(until: .seconds(6))
    let last = fleet.calls.last?.process ?? 0
    fleet.processes[last].isAlive = false
    fleet.run(until: .seconds(30))
    #expect(fleet.calls(from: .seconds(6), to: .seconds(30)) >= 2, "seed \(seed)")
    fleet.isKeeperAway = true
    fleet.run(until: .seconds(90))
    #expect(fleet.calls(from: .seconds(30), to: .seconds(90)) <= 24, "seed \(seed)")
    fleet.isServiceDown = false
    fleet.run(until: .seconds(200))
    let living = fleet.processes.filter(\.isAlive)
    #expect(living.allSatisfy { $0.gate.state == .open }, "seed \(seed)")
  }

  // MARK: States and events

  private enum Start: CaseIterable { case open, closedAlone, closedTogether, probingAlone, probingTogether }

  private func gate(_ start: Start) -> ConsumptionGate {
    var gate = ConsumptionGate()
    guard start != .open else { return gate }
    if start == .closedTogether || start == .probingTogether {
      _ = gate.follow(outage(at: 10, failures: 1, until: 11), left: .seconds(1), now: .seconds(100))
    } else {
      _ = gate.close(Self.failure, now: .seconds(100))
    }
    if start == .probingTogether { _ = gate.turnGiven() }
    if start == .probingAlone { _ = gate.tick(now: .seconds(101)) }
    return gate
  }

  @Test func everyEventInEveryState() {
    let now = Duration.seconds(101)
    let closing = outage(at: 20, failures: 3, until: 24)
    let opening = outage(at: 20, failures: 0, until: 20)
    typealias Effect = ConsumptionGate.Effect
    typealias Row = (
      Start, tick: Effect, closing: Effect, opening: Effect, given: Effect, refused: Effect, unknown: Effect
    )
    let rows: [Row] = [
      (.open, .none, .stopConsuming(until: .seconds(105)), .none, .none, .none, .none),
      (.closedAlone, .probe, .wait(until: .seconds(105)), .none, .none, .none, .none),
      (
        .closedTogether, .askForTurn, .wait(until: .seconds(105)), .consume, .probe, .wait(until: .seconds(102)), .probe
      ),
      (.probingAlone, .none, .stopConsuming(until: .seconds(105)), .none, .none, .none, .none),
      (
        .probingTogether, .askForTurn, .stopConsuming(until: .seconds(105)), .consume, .none,
        .stopConsuming(until: .seconds(102)), .none
      ),
    ]
    #expect(rows.map(\.0) == Start.allCases)
    for row in rows {
      var (ticked, closed, opened) = (gate(row.0), gate(row.0), gate(row.0))
      var (given, refused, unknown) = (gate(row.0), gate(row.0), gate(row.0))
      #expect(ticked.tick(now: now) == row.tick, "tick while \(row.0)")
      #expect(closed.follow(closing, left: .seconds(4), now: now) == row.closing, "a closing while \(row.0)")
      #expect(closed.follow(closing, left: .seconds(4), now: now) == .none, "news are followed once")
      #expect(closed.isFleetWide && closed.failure != nil)
      #expect(opened.follow(opening, left: .zero, now: now) == row.opening, "an opening while \(row.0)")
      #expect(given.turnGiven() == row.given, "a turn while \(row.0)")
      #expect(refused.turnRefused(now: now) == row.refused, "no turn while \(row.0)")
      #expect(unknown.turnUnknown() == row.unknown, "no keeper while \(row.0)")
      #expect(!unknown.isFleetWide)
    }
  }

  @Test func membersTakeTurnsWithThePausesOfOne() {
    var pauses: [Duration] = []
    var gate = ConsumptionGate()
    let isShared = (0..<5).map { _ in gate.isShared(Self.failure) }
    #expect(isShared.last == true)
    #expect(gate.fleetFailed(members: 8, now: .zero) == .stopConsuming(until: .seconds(1)))
    for _ in 0..<10 {
      #expect(gate.turnGiven() == .probe)
      guard case .stopConsuming(let until) = gate.close(Self.failure, members: 8, jitter: 1, now: .zero) else { break }
      pauses.append(until)
    }
    #expect(pauses == [1_000, 1_000, 1_000, 2_000, 4_000, 7_500, 7_500, 7_500, 7_500, 7_500].map { .milliseconds($0) })
  }

  @Test func aloneThePausesDifferByChance() {
    var (early, late) = (ConsumptionGate(), ConsumptionGate())
    #expect(early.close(Self.failure, jitter: 0, now: .zero) == .stopConsuming(until: .seconds(1)))
    #expect(late.close(Self.failure, jitter: 1, now: .zero) == .stopConsuming(until: .milliseconds(1_500)))
  }

  @Test func whoeverSucceedsCorrectsTheFleet() {
    var gate = gate(.probingTogether)
    #expect(!gate.isFleetMisinformed)
    #expect(gate.succeeded() == .consume)
    #expect(gate.isFleetMisinformed && !gate.isFleetWide)
    #expect(gate.follow(outage(at: 30, failures: 0, until: 30), left: .zero, now: .seconds(102)) == .none)
    #expect(!gate.isFleetMisinformed)
  }

  // MARK: Text

  @Test func travelsAsText() {
    let sent = outage(at: 1_700_000_000, failures: 3, until: 1_700_000_004)
    let cause = FleetOutage.cause(of: sent.failure)
    #expect(cause == "OCR_BACKEND_FAILED,ModelArts.4302")
    #expect(FleetOutage(text: "1700000000000000,3,1700000004000000,\(cause)") == sent)
    #expect(sent.failure.scope == .service && sent.failure.backend.code == "ModelArts.4302")
    var hostile = sent.failure
    hostile.backend.code = "a,b\n{\u{1b}}" + String(repeating: "x", count: 99)
    #expect(FleetOutage.cause(of: hostile).count == "OCR_BACKEND_FAILED,".count + 40)
    #expect(FleetOutage(text: "5,0,5,,")?.isClosed == false)
  }

  @Test func brokenTextIsRefused() {
    let seed = CheckRandom.seed("FleetOutage.init")
    var random = CheckRandom(seed: seed)
    let good = Array("1700000000000000,3,1700000004000000,OCR_BACKEND_FAILED,ModelArts.4302".utf8)
    for text in ["", ",,,,", "1,2,3,OCR_BACKEND_FAILED", "-1,1,1,OCR_BACKEND_FAILED,", "1,1,1,NO_CODE,", "1,1,1,,"] {
      #expect(FleetOutage(text: text) == nil, "\(text)")
    }
    for _ in 0..<20_000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0...20, using: &random)) }
      guard let outage = FleetOutage(text: String(decoding: bytes, as: UTF8.self)) else { continue }
      var gate = ConsumptionGate()
      let left = outage.until - outage.changedAt
      guard case .stopConsuming(let until) = gate.follow(outage, left: left, now: .seconds(9)) else { continue }
      #expect(until >= .seconds(9) && until < .seconds(100_000), "seed \(seed): \(outage)")
    }
  }
}
