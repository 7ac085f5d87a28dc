import OCRContract
import RelayCore
import Testing

/// Random lives of requests, kept book of by a model that knows nothing of the machine's inside.
struct RequestMachineRandomTests {
  @Test func randomEventsKeepThePromises() {
    let seed = CheckRandom.seed("RequestMachine")
    var random = CheckRandom(seed: seed)
    for _ in 0..<20_000 {
      var run = Run(attempts: Int.random(in: 0...6, using: &random))
      run.live(&random)
      #expect(run.violations.isEmpty, "seed \(seed): \(run.violations)")
      if !run.violations.isEmpty { return }
    }
  }

  private struct Run {
    var machine: RequestMachine
    var violations: [String] = []
    let startAttempts: Int
    var pending: RequestMachine.Pending = []
    var hasBegun = false
    var isLost = false
    var calls = 0
    var refusedTokens = 0
    var countedCalls = 0
    var acknowledgements = 0
    var tokensAsked = 0
    var throttles = 0
    var needsPermit = false
    var lastToken: UInt64 = 0

    init(attempts: Int) {
      startAttempts = attempts
      machine = RequestMachine(attempts: attempts, policy: RetryPolicy(maximumAttempts: 5))
    }

    mutating func live(_ random: inout CheckRandom) {
      begin(&random)
      for _ in 0..<Int.random(in: 0...40, using: &random) { step(&random) }
      expect(calls <= 1 + min(refusedTokens, 1) + throttles, "\(calls) calls, \(refusedTokens) refused tokens")
      expect(tokensAsked <= 2, "\(tokensAsked) tokens")
    }

    private mutating func begin(_ random: inout CheckRandom) {
      let failure = RequestFailure(code: ErrorCode.allCases.randomElement(using: &random) ?? .poison)
      switch Int.random(in: 0..<9, using: &random) {
      case 8: take(machine.replaced())
      case 0: take(machine.rejected(failure))
      case 1: take(machine.replyForbidden(failure))
      case 2: take(machine.tooEarly(by: .seconds(Int.random(in: 0...9_000, using: &random))))
      default: take(machine.accepted(keepsResults: Bool.random(using: &random)))
      }
    }

    private mutating func step(_ random: inout CheckRandom) {
      let copy =
        [RequestMachine.Pending.reply, .deadLetter, .retry, .parkedReply].randomElement(using: &random) ?? .reply
      switch Int.random(in: 0..<19, using: &random) {
      case 18: take(machine.replaced())
      case 15, 16: permitArrived(&random)
      case 17: take(machine.permitUnavailable(for: .seconds(5), deadlinePassed: Bool.random(using: &random)))
      case 12: take(Bool.random(using: &random) ? machine.resultMissing() : machine.resultFound())
      case 13: take(machine.resultMissing())
      case 0...2:
        lastToken += 1
        let isLate = Int.random(in: 0..<10, using: &random) == 0
        take(machine.tokenArrived(TokenGeneration(number: lastToken), deadlinePassed: isLate))
      case 3: take(machine.tokenUnavailable(SampleFailure.make(.backoff, .service)))
      case 4...6: called(&random)
      case 7...9:
        pending.remove(copy)
        take(machine.confirmed(copy))
      case 10: take(Bool.random(using: &random) ? machine.notTaken(copy) : machine.replyGivenUp())
      case 14: take(machine.requesterGone(RequestFailure(code: .replyUnroutable)))
      default:
        guard Int.random(in: 0..<6, using: &random) == 0 else { return }
        isLost = isLost || acknowledgements == 0
        machine.deliveryLost()
      }
    }

    private mutating func permitArrived(_ random: inout CheckRandom) {
      let isLate = Int.random(in: 0..<10, using: &random) == 0
      let action = machine.permitArrived(deadlinePassed: isLate)
      if case .call = action { expect(needsPermit, "a call without asking for a permit") }
      take(action)
    }

    private mutating func called(_ random: inout CheckRandom) {
      guard case .calling = machine.state else { return take(machine.called(.success)) }
      guard Int.random(in: 0..<4, using: &random) > 0 else {
        countedCalls += 1
        return take(machine.called(.success))
      }
      let failure = SampleFailure.make(
        RetryRule.allCases.randomElement(using: &random) ?? .never,
        FailureScope.allCases.randomElement(using: &random) ?? .message,
        minimumWait: Bool.random(using: &random) ? .seconds(Int.random(in: 0...9_000, using: &random)) : nil)
      if failure.retry == .afterTokenRefresh { refusedTokens += 1 }
      if failure.retry == .backoffWithRateCut { throttles += 1 }
      if failure.scope == .message, failure.retry == .never || failure.retry == .backoff { countedCalls += 1 }
      take(machine.called(.failure(failure)))
    }

    private mutating func take(_ action: RequestMachine.Action) {
      if isLost, action != .none { violations.append("\(action) for a lost delivery") }
      if acknowledgements > 0, action != .none { violations.append("\(action) after the acknowledgement") }
      switch action {
      case .none: break
      case .askForResult: expect(tokensAsked == 0 && !hasBegun, "asked for a result too late")
      case .publishAgain(let copies): expect(pending.isSuperset(of: copies), "published again without need")
      case .requestToken(let generation):
        tokensAsked += 1
        expect((generation == nil) == (tokensAsked == 1), "the second token must be newer than the first")
      case .takePermit: needsPermit = true
      case .call:
        calls += 1
        needsPermit = false
        expect(pending.isEmpty, "a call while copies are out")
      case .publishResult: publish(.reply)
      case .publishFailure(let failure): publish(failure.deadLetterQueue == nil ? .reply : [.reply, .deadLetter])
      case .publishDeadLetter: publish(.deadLetter)
      case .parkFailure: publish(.parkedReply)
      case .publishRetry(_, let attempts), .postpone(_, let attempts, _):
        expect(attempts == machine.attempts, "attempts of the copy")
        publish(.retry)
      case .parkReply:
        expect(pending.contains(.reply), "parked an answer that was not out")
        pending.remove(.reply)
        pending.insert(.parkedReply)
      case .acknowledge:
        acknowledgements += 1
        expect(hasBegun && pending.isEmpty, "acknowledged before \(pending) were confirmed")
      }
      expect(acknowledgements <= 1, "acknowledged twice")
      expect(machine.attempts == startAttempts + countedCalls, "\(machine.attempts) attempts counted")
    }

    private mutating func publish(_ copies: RequestMachine.Pending) {
      expect(!hasBegun, "two outcomes")
      hasBegun = true
      pending = copies
    }

    private mutating func expect(_ condition: Bool, _ text: String) {
      if !condition { violations.append(text) }
    }
  }
}
