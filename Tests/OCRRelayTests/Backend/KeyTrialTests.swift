import RelayCore
import Testing

@testable import EventLoop
@testable import OCRRelay

/// What processes that share a store know of a key. The store answers at once, so nobody has to wait.
@MainActor
struct KeyTrialTests {
  private let reactor: Reactor
  private let store = MemoryTokenStore { 0 }

  init() throws {
    reactor = try Reactor()
  }

  private func process() -> KeyTrial {
    KeyTrial(store: store, longest: .seconds(90), reactor: reactor)
  }

  /// The answer to a wish for a trial; nil while there is none.
  private func ask(_ trial: KeyTrial, tag: UInt16 = 1) -> String? {
    var answer: String?
    trial.begin(tag: tag) { permission in
      answer =
        switch permission {
        case .granted: "granted"
        case .proven: "proven"
        case .blocked(_, let reason): reason.rawValue
        }
    }
    return answer
  }

  @Test func oneProcessTriesAndTheOthersRelyOnIt() {
    let (first, second, third) = (process(), process(), process())
    #expect(ask(first) == "granted")
    #expect(ask(second) == nil, "one at a time")
    first.ended(.accepted)
    #expect(ask(third) == "proven")
    #expect(ask(first) == "granted", "who asks again does not believe the proof any more")
  }

  @Test func aRefusalHoldsForEverybodyWithTheSameKey() {
    let (first, second, third) = (process(), process(), process())
    #expect(ask(first) == "granted")
    first.ended(.refused(rest: .seconds(60), isLock: false))
    #expect(ask(second) == "refused")
    #expect(ask(third, tag: 2) == "granted", "another key is tried at once")
  }

  @Test func aLockHoldsForEveryKey() {
    let (first, second) = (process(), process())
    #expect(ask(first) == "granted")
    first.ended(.refused(rest: .seconds(300), isLock: true))
    #expect(ask(second, tag: 2) == "locked")
  }

  @Test func threeRefusedTrialsAreTheMost() {
    for tag in 1...3 as ClosedRange<UInt16> {
      let trial = process()
      #expect(ask(trial, tag: tag) == "granted")
      trial.ended(.refused(rest: .seconds(60), isLock: false))
    }
    #expect(ask(process(), tag: 4) == "budget")
  }

  @Test func aTrialThatShowedNothingIsFollowedByTheNext() {
    let (first, second) = (process(), process())
    for _ in 0..<10 {
      #expect(ask(first) == "granted")
      first.ended(.open)
    }
    #expect(ask(second) == "granted")
  }

  @Test func aTrialThatNeverEndedIsGivenUp() {
    let first = process()
    #expect(ask(first) == "granted")
    #expect(ask(first) == "granted")
  }

  @Test func nobodyReliesOnTheProofOfAnotherKeyOrOnOneThatWasRefused() {
    let (first, second, third) = (process(), process(), process())
    #expect(ask(first) == "granted")
    first.ended(.accepted)
    #expect(ask(second, tag: 2) == "granted")
    second.ended(.open)
    first.proofWasRefused()
    #expect(ask(third) == "granted")
  }
}
