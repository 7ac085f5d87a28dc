import RelayCore
import Testing

/// What the ledger tells all members at once, and what it gives to whom. That it reckons like the scripts in Redis is
/// shown beside those.
struct FleetLedgerTests {
  private func request(wanted: Int = 0, calls: CallsRequest? = nil) -> LeaseRequest {
    LeaseRequest(
      wanted: wanted, interval: .milliseconds(10), tolerance: .milliseconds(20), horizon: .milliseconds(100),
      calls: calls)
  }

  @Test func eachSlotIsHandedOutOnce() {
    var ledger = FleetLedger(isComplete: true)
    var slots: [Duration] = []
    for member in [1, 2, 1, 3, 2] {
      let run = ledger.lease(request(wanted: 3), of: member, now: .seconds(100)).answer.slots
      slots += (0..<run.count).map { run.first + run.interval * $0 }
    }
    #expect(slots.count == 11, "those of the next 100 milliseconds")
    #expect(Set(slots).count == slots.count && slots == slots.sorted())
    #expect(zip(slots, slots.dropFirst()).allSatisfy { $1 - $0 == .milliseconds(10) })
  }

  @Test func aNewRateIsTakenOverOnceAndToldWhenItPauses() {
    var ledger = FleetLedger()
    var (first, late) = (request(), request())
    first.change = [30, 10]
    first.pausedUntil = .seconds(103)
    late.change = [99, 10]
    let cut = ledger.lease(first, of: 1, now: .seconds(100))
    #expect(cut.answer.version == 1 && cut.news == [.rate(version: 1, numbers: [30, 10])])
    let other = ledger.lease(late, of: 2, now: .seconds(100))
    #expect(other.answer.numbers == [30, 10] && other.news.isEmpty, "its author did not know the one before")
    late.known = 1
    #expect(ledger.lease(late, of: 2, now: .seconds(100)).answer.version == 2)
    #expect(ledger.lease(late, of: 3, now: .seconds(100)).news.isEmpty, "no pause, no hurry")
  }

  @Test func aCompleteLedgerHandsOutCallsAtOnce() {
    let calls = CallsRequest(limit: 8, held: 0, wanted: 5, isCut: false)
    var (complete, unsure) = (FleetLedger(isComplete: true), FleetLedger())
    #expect(complete.lease(request(calls: calls), of: 1, now: .seconds(9)).answer.calls?.allotment == 5)
    #expect(complete.lease(request(calls: calls), of: 2, now: .seconds(9)).answer.calls?.allotment == 3)
    #expect(unsure.lease(request(calls: calls), of: 1, now: .seconds(9)).answer.calls?.allotment == 0)
    var cut = calls
    cut.isCut = true
    let answer = complete.lease(request(calls: cut), of: 1, now: .seconds(9))
    #expect(answer.answer.calls?.limit == 4 && answer.news == [.calls(pause: .seconds(3))])
    complete.leave(1, unused: nil)
    #expect(complete.lease(request(calls: calls), of: 2, now: .seconds(9)).answer.calls?.allotment == 4)
  }

  @Test func whoLeavesGivesBackItsLastSlotsAndItsTurn() {
    var ledger = FleetLedger()
    let now = Duration.seconds(100)
    let first = ledger.lease(request(wanted: 2), of: 1, now: now).answer.slots
    let last = ledger.lease(request(wanted: 2), of: 2, now: now).answer.slots
    let probe = OutageStep(kind: .probe, known: .zero, cause: "OCR_BACKEND_FAILED,")
    #expect(ledger.take(probe, of: 2, now: now).answer.isTurnGiven)
    #expect(!ledger.take(probe, of: 1, now: now).answer.isTurnGiven)
    ledger.leave(1, unused: first)
    #expect(ledger.lease(request(wanted: 1), of: 3, now: now).answer.slots.first > last.first, "others followed")
    let end = ledger.lease(request(wanted: 1), of: 2, now: now).answer.slots
    ledger.leave(2, unused: end)
    #expect(ledger.lease(request(wanted: 1), of: 3, now: now).answer.slots.first == end.first)
    #expect(ledger.take(probe, of: 1, now: now).answer.isTurnGiven)
  }

  @Test func anOutageIsToldOnceForEachChange() throws {
    var ledger = FleetLedger()
    let now = Duration.seconds(100)
    func step(_ kind: OutageStep.Kind, known: Duration = .zero) -> OutageStep {
      OutageStep(kind: kind, pause: .seconds(2), known: known, cause: "OCR_BACKEND_FAILED,ModelArts.4302")
    }
    let closing = ledger.take(step(.close), of: 1, now: now)
    let outage = try #require(closing.answer.outage)
    #expect(closing.news == [.outage(outage, now: now)] && outage.until == now + .seconds(2))
    #expect(ledger.take(step(.close), of: 2, now: now).news.isEmpty, "one of several that close together")
    #expect(!ledger.take(step(.probe), of: 2, now: now + .seconds(1)).answer.isTurnGiven, "not yet")
    #expect(ledger.take(step(.probe), of: 2, now: now + .seconds(2)).answer.isTurnGiven)
    let again = ledger.take(step(.close, known: outage.changedAt), of: 2, now: now + .seconds(3))
    #expect(again.answer.outage?.failures == 2 && again.news.count == 1)
    #expect(ledger.take(step(.open), of: 3, now: now + .seconds(4)).news.count == 1)
    #expect(ledger.take(step(.open), of: 1, now: now + .seconds(4)).news.isEmpty)
    #expect(ledger.outage?.isClosed == false)
  }
}
