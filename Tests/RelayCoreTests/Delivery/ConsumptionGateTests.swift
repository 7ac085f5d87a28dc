import OCRContract
import RelayCore
import Testing

struct ConsumptionGateTests {
  private let failure = SampleFailure.make(.backoff, .service)

  /// What every event does in every state.
  @Test func everyEventInEveryState() {
    var open = ConsumptionGate()
    #expect(open.succeeded() == .none)
    #expect(open.tick(now: .seconds(1_000)) == .none)
    #expect(open.state == .open && open.failure == nil)

    var closed = open
    #expect(closed.close(failure, now: .seconds(10)) == .stopConsuming(until: .seconds(11)))
    #expect(closed.failure == failure)
    #expect(closed.close(SampleFailure.make(.never, .credential), now: .seconds(10)) == .none)
    #expect(closed.failure == failure, "the first cause is the one shown")
    #expect(closed.succeeded() == .none, "an answer to an older call proves nothing")
    #expect(closed.tick(now: .milliseconds(10_999)) == .none)
    #expect(closed.state == .closed(until: .seconds(11)))

    var probing = closed
    #expect(probing.tick(now: .seconds(11)) == .probe)
    #expect(probing.tick(now: .seconds(99)) == .none)
    #expect(probing.state == .probing && probing.failure == failure)

    var reopened = probing
    #expect(reopened.succeeded() == .consume)
    #expect(reopened.state == .open && reopened.failure == nil)
    #expect(reopened.close(failure, now: .zero) == .stopConsuming(until: .seconds(1)), "pauses begin anew")

    #expect(probing.close(failure, now: .seconds(12)) == .stopConsuming(until: .seconds(14)))
  }

  @Test func anErrorNowAndThenIsIsolatedARowOfThemIsNot() {
    var gate = ConsumptionGate(patience: 3)
    let answered = SampleFailure.make(.backoff, .service, status: 503)
    let first = (1...2).map { _ in gate.isShared(answered) }
    #expect(first == [false, false])
    #expect(gate.succeeded() == .none, "a useful answer ends the row")
    let row = (1...4).map { _ in gate.isShared(answered) }
    #expect(row == [false, false, true, true])
    #expect(gate.close(answered, now: .zero) == .stopConsuming(until: .seconds(1)))
    #expect(gate.tick(now: .seconds(1)) == .probe)
    let probe = gate.isShared(answered)
    #expect(probe, "a failed probe proves the failure")
  }

  @Test(arguments: [
    (SampleFailure.make(.backoff, .message, status: 500), false),
    (SampleFailure.make(.never, .credential, status: 401), true),
    (SampleFailure.make(.never, .service, status: 404), true),
    (SampleFailure.make(.backoff, .service), true),
  ])
  func onlyAnswersOfTheServiceCanBeIsolated(failure: CallFailure, isShared: Bool) {
    var gate = ConsumptionGate()
    let answer = gate.isShared(failure)
    #expect(answer == isShared)
  }

  @Test func pausesDoubleUpToTheLongest() {
    var gate = ConsumptionGate(shortestPause: .seconds(1), longestPause: .seconds(60))
    var now = Duration.zero
    var pauses: [Duration] = []
    for _ in 0..<100 {
      guard case .stopConsuming(let until) = gate.close(failure, now: now) else { break }
      pauses.append(until - now)
      now = until
      #expect(gate.tick(now: now) == .probe)
    }
    #expect(pauses.count == 100)
    #expect(Array(pauses.prefix(8)) == [1, 2, 4, 8, 16, 32, 60, 60].map { Duration.seconds($0) })
    #expect(pauses.dropFirst(8).allSatisfy { $0 == .seconds(60) })
  }

  @Test(
    arguments: [
      (nil, nil, 1), (30, nil, 30), (nil, 30, 30), (90, 30, 90), (30, 90, 90), (0, nil, 1), (7_200, nil, 7_200),
    ] as [(Int?, Int?, Int)])
  func aDemandedWaitIsKept(_ minimum: Int?, _ retryAfter: Int?, _ seconds: Int) {
    let failure = SampleFailure.make(
      .backoffWithRateCut, .service, minimumWait: minimum.map { .seconds($0) },
      retryAfter: retryAfter.map { .seconds($0) })
    var gate = ConsumptionGate()
    #expect(gate.close(failure, now: .zero) == .stopConsuming(until: .seconds(seconds)))
  }
}
