import TestSupport
import Testing

@testable import RedisStore

@Suite struct CircuitBreakerTests {
  enum Event: CaseIterable {
    case commandSucceeded, commandTimedOut, becameUseless, probe, probeSucceeded, probeFailed
  }

  struct Row: Sendable {
    var state: CircuitBreaker.State
    var event: Event
    var next: CircuitBreaker.State
    var answer: Bool?
  }

  static let rows: [Row] = [
    Row(state: .closed(failures: 1), event: .commandSucceeded, next: .closed(failures: 0)),
    Row(state: .closed(failures: 0), event: .commandTimedOut, next: .closed(failures: 1), answer: false),
    Row(state: .closed(failures: 1), event: .commandTimedOut, next: .open, answer: true),
    Row(state: .closed(failures: 1), event: .becameUseless, next: .open),
    Row(state: .closed(failures: 1), event: .probe, next: .closed(failures: 1), answer: false),
    Row(state: .closed(failures: 1), event: .probeSucceeded, next: .closed(failures: 1), answer: false),
    Row(state: .closed(failures: 1), event: .probeFailed, next: .closed(failures: 1)),
    Row(state: .open, event: .commandSucceeded, next: .open),
    Row(state: .open, event: .commandTimedOut, next: .open, answer: false),
    Row(state: .open, event: .becameUseless, next: .open),
    Row(state: .open, event: .probe, next: .probing, answer: true),
    Row(state: .open, event: .probeSucceeded, next: .open, answer: false),
    Row(state: .open, event: .probeFailed, next: .open),
    Row(state: .probing, event: .commandSucceeded, next: .probing),
    Row(state: .probing, event: .commandTimedOut, next: .probing, answer: false),
    Row(state: .probing, event: .becameUseless, next: .open),
    Row(state: .probing, event: .probe, next: .probing, answer: false),
    Row(state: .probing, event: .probeSucceeded, next: .closed(failures: 0), answer: true),
    Row(state: .probing, event: .probeFailed, next: .open),
  ]

  @Test(arguments: rows) func eachEventInEachState(row: Row) {
    var breaker = Self.breaker(in: row.state)
    #expect(Self.send(row.event, to: &breaker) == row.answer)
    #expect(breaker.state == row.next)
  }

  @Test func itIsOnlyEverClosedByAProbeInTime() {
    var random = SeededRandom.announced()
    var breaker = CircuitBreaker(failuresToOpen: 5)
    for _ in 0..<100_000 {
      let before = breaker.state
      let event = Event.allCases[Int.random(in: 0..<Event.allCases.count, using: &random)]
      _ = Self.send(event, to: &breaker)
      if breaker.isClosed, before == .open || before == .probing {
        #expect(before == .probing && event == .probeSucceeded)
      }
      if case .closed(let failures) = breaker.state { #expect(failures < 5) }
    }
  }

  private static func breaker(in state: CircuitBreaker.State) -> CircuitBreaker {
    var breaker = CircuitBreaker(failuresToOpen: 2)
    if state == .open { return breaker }
    _ = breaker.probe()
    if state == .probing { return breaker }
    _ = breaker.probeSucceeded()
    if state == .closed(failures: 1) { _ = breaker.commandTimedOut() }
    return breaker
  }

  private static func send(_ event: Event, to breaker: inout CircuitBreaker) -> Bool? {
    switch event {
    case .commandSucceeded: breaker.commandSucceeded()
    case .commandTimedOut: return breaker.commandTimedOut()
    case .becameUseless: breaker.becameUseless()
    case .probe: return breaker.probe()
    case .probeSucceeded: return breaker.probeSucceeded()
    case .probeFailed: breaker.probeFailed()
    }
    return nil
  }
}
