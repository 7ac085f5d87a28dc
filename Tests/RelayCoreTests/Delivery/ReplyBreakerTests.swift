import Testing

@testable import RelayCore

struct ReplyBreakerTests {
  private static let queue = ReplyBreaker.Target(exchange: "", routingKey: "ocr.reply.a")
  private static let other = ReplyBreaker.Target(exchange: "answers", routingKey: "ocr.reply.a")

  private static func breaker(publishes: Int = 3, failures: Int = 10) -> ReplyBreaker {
    ReplyBreaker(
      policy: .init(
        maximumPublishes: publishes, firstPause: .seconds(2), failures: failures, downTime: .seconds(60)))
  }

  /// A breaker for which the queue is down since `now` 0.
  private static func down() -> ReplyBreaker {
    var breaker = breaker(failures: 2)
    for publishes in 1...2 { _ = breaker.failed(queue, publishes: publishes, now: .zero) }
    return breaker
  }

  @Test func anAnswerIsTriedAFewTimesWithGrowingPausesAndThenParked() {
    var breaker = Self.breaker(publishes: 6, failures: 100)
    let verdicts = (1...7).map { breaker.failed(Self.queue, publishes: $0, now: .zero) }
    let pauses = [2, 8, 20, 20, 20].map { ReplyBreaker.Verdict.publishAgain(after: .seconds($0)) }
    #expect(verdicts == pauses + [.park, .park])
  }

  @Test func theDefaultGivesUpWithinThirtySeconds() {
    var breaker = ReplyBreaker()
    var total = Duration.zero
    var publishes = 1
    while case .publishAgain(let pause) = breaker.failed(Self.queue, publishes: publishes, now: total) {
      total += pause
      publishes += 1
    }
    #expect(publishes == 3 && total <= .seconds(30))
  }

  @Test func aTargetThatFailsInARowIsLeftAlone() {
    var breaker = Self.down()
    let admitted = [
      breaker.admits(Self.queue, now: .milliseconds(59_999)), breaker.admits(Self.other, now: .zero),
    ]
    #expect(admitted == [false, true], "other targets are not concerned")
    #expect(breaker.failed(Self.queue, publishes: 1, now: .seconds(1)) == .park, "what was out already is parked, too")
  }

  @Test func afterThePauseOneAnswerTries() {
    var breaker = Self.down()
    let first = (1...3).map { _ in breaker.admits(Self.queue, now: .seconds(60)) }
    #expect(first == [true, false, false])
    #expect(breaker.failed(Self.queue, publishes: 1, now: .seconds(61)) == .park)
    let later = [61, 120, 121].map { breaker.admits(Self.queue, now: .seconds($0)) }
    #expect(later == [false, false, true], "the pause begins anew with the failure")
    breaker.delivered(to: Self.queue)
    let healed = (1...3).map { _ in breaker.admits(Self.queue, now: .seconds(121)) }
    #expect(healed == [true, true, true])
    #expect(breaker.count == 0)
  }

  @Test func successBreaksTheRow() {
    var breaker = Self.breaker(failures: 2)
    for _ in 0..<10 {
      #expect(breaker.failed(Self.queue, publishes: 1, now: .zero) == .publishAgain(after: .seconds(2)))
      breaker.delivered(to: Self.queue)
    }
  }

  @Test func theTableIsBounded() {
    var breaker = Self.breaker(failures: 1)
    for number in 0..<ReplyBreaker.capacity * 2 {
      _ = breaker.failed(.init(exchange: "", routingKey: "\(number)"), publishes: 1, now: .zero)
    }
    #expect(breaker.count == ReplyBreaker.capacity)
    #expect(
      breaker.failed(Self.queue, publishes: 1, now: .seconds(1)) == .publishAgain(after: .seconds(2)),
      "without room each answer is judged for itself")
    _ = breaker.failed(Self.queue, publishes: 1, now: .seconds(120))
    #expect(breaker.count == 1, "old troubles make room")
  }
}
