import EventLoop
import OCRContract
import RelayCore
import TestSupport
import Testing

@testable import OCRRelay

/// The ledger of one process keeps the same books as the scripts in Redis.
struct FleetLedgerTests {
  private enum Step {
    case lease(LeaseRequest)
    case tell(OutageStep)
    case leave(SlotSupply.Run?)
  }

  private static let members = 5

  /// Random requests of a fleet, with a clock that goes on by anything from nothing to half a minute, and now and then back.
  @Test func theLedgerAnswersLikeTheScripts() async throws {
    let redis = try await PrivateRedis.start()
    let scripts = try await LedgerDriver(redis.url, members: Self.members)
    var random = SeededRandom.announced()
    var ledger = FleetLedger()
    var now = Duration.seconds(1_000)
    var (version, turnEnd) = (0, Duration.zero)
    // A turn that is over stays so in Redis, which counts its time without the clock: this is not gone back behind.
    var earliest = Duration.zero
    var (outage, last) = (Duration.zero, [SlotSupply.Run?](repeating: nil, count: Self.members))
    var counts = (slots: 0, cuts: 0, turns: 0)
    for number in 0..<3_000 {
      now = max(now + Self.pause(&random), earliest)
      if turnEnd <= now {
        await scripts.endTurn()
        earliest = turnEnd
      }
      let member = Int.random(in: 0..<Self.members, using: &random)
      let step = Self.step(&random, now: now, version: version, outage: outage, unused: last[member])
      let comment = Comment(rawValue: "step \(number) at \(now): \(step) of \(member)")
      switch step {
      case .lease(let request):
        let theirs = try #require(await scripts.lease(member, request, now: now), comment)
        let ours = ledger.lease(request, of: member, now: now)
        try #require(Self.isSame(ours.answer, theirs), "\(comment): \(ours.answer), but the script \(theirs)")
        version = theirs.version
        last[member] = ours.answer.slots
        counts.slots += theirs.slots.count
        counts.cuts += ours.news.count
      case .tell(let step):
        let theirs = try #require(await scripts.tell(member, step, now: now), comment)
        let ours = ledger.take(step, of: member, now: now).answer
        try #require(ours == theirs, "\(comment): \(ours), but the script \(theirs)")
        outage = theirs.outage?.changedAt ?? .zero
        if theirs.isTurnGiven { (turnEnd, counts.turns) = (now + .seconds(5), counts.turns + 1) }
      case .leave(let unused):
        await scripts.leave(member, unused, now: now)
        ledger.leave(member, unused: unused)
      }
    }
    await scripts.stop()
    #expect(counts.slots > 1_000 && counts.cuts > 10 && counts.turns > 5, "\(counts)")
  }

  /// Times in the script are microseconds with three places.
  private static func isSame(_ ours: LeaseAnswer, _ theirs: LeaseAnswer) -> Bool {
    func isNear(_ left: Duration, _ right: Duration) -> Bool {
      left - right < .microseconds(2) && right - left < .microseconds(2)
    }
    var ours = ours
    guard isNear(ours.slots.first, theirs.slots.first), isNear(ours.slots.interval, theirs.slots.interval),
      isNear(ours.rampLeft, theirs.rampLeft), isNear(ours.now, theirs.now)
    else { return false }
    (ours.slots.first, ours.slots.interval) = (theirs.slots.first, theirs.slots.interval)
    (ours.rampLeft, ours.now) = (theirs.rampLeft, theirs.now)
    return ours == theirs
  }

  // MARK: Steps

  private static func pause(_ random: inout SeededRandom) -> Duration {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<80: .microseconds(Int.random(in: 0...100_000, using: &random))
    case 80..<97: .microseconds(Int.random(in: 0...4_000_000, using: &random))
    case 97: .microseconds(-Int.random(in: 0...3_000_000, using: &random))
    case 98: .microseconds(Int.random(in: 0...12_000_000, using: &random))
    default: .microseconds(Int.random(in: 0...33_000_000, using: &random))
    }
  }

  private static func step(
    _ random: inout SeededRandom, now: Duration, version: Int, outage: Duration, unused: SlotSupply.Run?
  ) -> Step {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<82: return .lease(lease(&random, now: now, version: version))
    case 82..<97:
      let kind = OutageStep.Kind.allCases.randomElement(using: &random) ?? .probe
      let known = Bool.random(using: &random) ? outage : .zero
      let pause = Duration.microseconds(Int.random(in: 0...3_000_000, using: &random))
      return .tell(OutageStep(kind: kind, pause: pause, known: known, cause: "OCR_BACKEND_FAILED,ModelArts.4302"))
    default: return .leave(Bool.random(using: &random) ? unused : nil)
    }
  }

  private static func lease(_ random: inout SeededRandom, now: Duration, version: Int) -> LeaseRequest {
    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    let answered = Int.random(in: 0...30, using: &random)
    var request = LeaseRequest(
      wanted: chance(70) ? Int.random(in: 1...60, using: &random) : 0, answered: answered,
      interval: .nanoseconds(Int.random(in: 300_000...90_000_000, using: &random)),
      tolerance: .nanoseconds(Int.random(in: 0...50_000_000, using: &random)), horizon: .milliseconds(100))
    request.isSpare = chance(15)
    if request.isSpare { request.horizon = .milliseconds(25) }
    if chance(10) { request.pausedUntil = now + .nanoseconds(Int.random(in: 0...200_000_000, using: &random)) }
    request.known = chance(80) ? version : Int.random(in: 0...version + 1, using: &random)
    if chance(10) { request.change = [Int.random(in: 1...1_000, using: &random), 7] }
    request.failed = chance(50) ? answered : Int.random(in: 0...answered, using: &random)
    request.isRecovering = chance(2)
    if chance(70) {
      request.calls = CallsRequest(
        limit: chance(97) ? 20 : 12, held: Int.random(in: 0...6, using: &random),
        wanted: Int.random(in: 0...12, using: &random), isCut: chance(4))
    }
    return request
  }
}
