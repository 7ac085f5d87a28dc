import OCRContract
import Testing

@testable import RelayCore

struct RequestMachineTests {
  private typealias Machine = RequestMachine
  private static let first = TokenGeneration(number: 1)
  private static let second = TokenGeneration(number: 2)
  private static let authFailure = SampleFailure.make(.afterTokenRefresh, code: .authExpired)

  private static func waiting(attempts: Int = 0) -> RequestMachine {
    var machine = RequestMachine(attempts: attempts, policy: RetryPolicy())
    _ = machine.accepted()
    return machine
  }

  private static func waitingForPermit(attempts: Int = 0) -> RequestMachine {
    var machine = waiting(attempts: attempts)
    _ = machine.tokenArrived(first, deadlinePassed: false)
    return machine
  }

  private static func calling(attempts: Int = 0) -> RequestMachine {
    var machine = waitingForPermit(attempts: attempts)
    _ = machine.permitArrived(deadlinePassed: false)
    return machine
  }

  /// The second call, after the first token was refused.
  private static func callingAgain(attempts: Int = 0) -> RequestMachine {
    var machine = calling(attempts: attempts)
    _ = machine.called(.failure(authFailure))
    _ = machine.tokenArrived(second, deadlinePassed: false)
    _ = machine.permitArrived(deadlinePassed: false)
    return machine
  }

  private static func publishing(_ pending: RequestMachine.Pending) -> RequestMachine {
    switch pending {
    case .reply:
      var machine = calling()
      _ = machine.called(.success)
      return machine
    case .deadLetter:
      var machine = RequestMachine(attempts: 0, policy: RetryPolicy())
      _ = machine.replyForbidden(RequestFailure(code: .replyForbidden))
      return machine
    case .retry:
      var machine = calling()
      _ = machine.called(.failure(SampleFailure.make(.backoff)))
      return machine
    case .parkedReply:
      var machine = publishing(.reply)
      _ = machine.replyGivenUp()
      return machine
    default:
      var machine = RequestMachine(attempts: 0, policy: RetryPolicy())
      _ = machine.rejected(RequestFailure(code: .bodyEmpty))
      return machine
    }
  }

  // MARK: Before the call

  @Test func anAcceptedRequestNeedsAToken() {
    var machine = RequestMachine(attempts: 0, policy: RetryPolicy())
    #expect(machine.accepted() == .requestToken(newerThan: nil))
    #expect(machine.state == .waitingForToken)
    #expect(machine.tokenArrived(Self.first, deadlinePassed: false) == .takePermit)
    #expect(machine.state == .waitingForPermit(Self.first) && machine.isUnstarted)
    #expect(machine.permitArrived(deadlinePassed: false) == .call(Self.first))
    #expect(machine.state == .calling(Self.first))
    #expect(machine.attempts == 0, "a call counts when it ends")
  }

  private static func asking(attempts: Int = 0) -> RequestMachine {
    var machine = RequestMachine(attempts: attempts, policy: RetryPolicy())
    _ = machine.accepted(keepsResults: true)
    return machine
  }

  @Test func aKeptResultIsPublishedWithoutACall() {
    var machine = RequestMachine(attempts: 2, policy: RetryPolicy())
    #expect(machine.accepted(keepsResults: true) == .askForResult)
    #expect(machine.state == .askingForResult && machine.isUnstarted && !machine.isDecided)
    #expect(machine.resultFound() == .publishResult)
    #expect(machine.state == .publishing(.reply) && machine.isDecided)
    #expect(machine.confirmed(.reply) == .acknowledge)
  }

  @Test func withoutAKeptResultTheRequestIsCalledFor() {
    var machine = Self.asking()
    #expect(machine.resultMissing() == .requestToken(newerThan: nil))
    #expect(machine.state == .waitingForToken && machine.isUnstarted)
  }

  @Test(arguments: ErrorCode.allCases)
  func aRejectionIsToldAndKeptAsItsClassSays(_ code: ErrorCode) {
    var machine = RequestMachine(attempts: 3, policy: RetryPolicy())
    let failure = RequestFailure(code: code)
    #expect(machine.rejected(failure) == .publishFailure(failure))
    let keepsCopy = code.errorClass.deadLetterQueue != nil
    #expect(machine.state == .publishing(keepsCopy ? [.reply, .deadLetter] : .reply))
    #expect(machine.attempts == 3)
  }

  @Test func aForbiddenReplyIsKeptAndNobodyIsTold() {
    var machine = RequestMachine(attempts: 0, policy: RetryPolicy())
    let failure = RequestFailure(code: .replyForbidden)
    #expect(machine.replyForbidden(failure) == .publishDeadLetter(failure))
    #expect(machine.state == .publishing(.deadLetter))
    #expect(machine.confirmed(.reply) == .none)
    #expect(machine.confirmed(.deadLetter) == .acknowledge)
  }

  @Test(arguments: [(1, RetryLevel.twoSeconds, nil), (5_000, .oneHour, 5_000)] as [(Int, RetryLevel, Int?)])
  func aRequestThatIsTooEarlyWaitsAgain(_ seconds: Int, _ level: RetryLevel, _ rest: Int?) {
    var machine = RequestMachine(attempts: 2, policy: RetryPolicy())
    let pause = RetryPause(covering: .seconds(seconds))
    #expect(pause.level == level && pause.atLeast == rest.map { .seconds($0) })
    #expect(machine.tooEarly(by: .seconds(seconds)) == .publishRetry(pause, attempts: 2))
    #expect(machine.confirmed(.retry) == .acknowledge)
  }

  @Test func afterTheDeadlineNothingIsPaid() {
    var machine = Self.waiting(attempts: 1)
    let failure = RequestFailure(code: .deadlineExceeded)
    #expect(machine.tokenArrived(Self.first, deadlinePassed: true) == .publishFailure(failure))
    #expect(machine.state == .publishing(.reply), "a late request keeps no copy")
    #expect(machine.attempts == 1)
  }

  @Test(arguments: [SampleFailure.make(.never, .credential), SampleFailure.make(.backoff, .service)])
  func withoutATokenTheRequestWaitsUncounted(_ failure: CallFailure) {
    var machine = Self.waiting(attempts: 4)
    let pause = RetryPause(covering: .seconds(2))
    #expect(machine.tokenUnavailable(failure) == .postpone(pause, attempts: 4, failure))
    #expect(machine.state == .publishing(.retry))
  }

  /// Whatever was not begun can be replaced by a copy; everything else goes on as if nothing had been said.
  @Test func whatIsNotBegunIsReplaced() {
    let fresh = RequestMachine(attempts: 3, policy: RetryPolicy())
    let unstarted = [
      Self.asking(attempts: 3), Self.waiting(attempts: 3), Self.waitingForPermit(attempts: 3),
    ]
    for start in [fresh] + unstarted {
      var machine = start
      #expect(machine.replaced() == .publishRetry(RetryPause(covering: .seconds(2)), attempts: 3))
      #expect(machine.state == .publishing(.retry) && machine.isDecided && !machine.isUnstarted)
      #expect(machine.tokenArrived(Self.first, deadlinePassed: false) == .none)
      #expect(machine.permitArrived(deadlinePassed: false) == .none)
      #expect(machine.resultFound() == .none && machine.resultMissing() == .none)
      #expect(machine.confirmed(.retry) == .acknowledge)
    }
    var abandoned = Self.waiting()
    abandoned.deliveryLost()
    var settled = Self.publishing(.reply)
    _ = settled.confirmed(.reply)
    for start in [Self.calling(), abandoned, settled] + Self.pendings.map(Self.publishing) {
      var machine = start
      #expect(machine.replaced() == .none && machine.state == start.state)
    }
  }

  // MARK: After the call

  struct Outcome: Sendable, CustomTestStringConvertible {
    var retry: RetryRule
    var scope: FailureScope
    /// What the first and, after a refused token, the second call lead to.
    var first: Step
    var second: Step
    var testDescription: String { "\(retry) \(scope)" }
  }

  enum Step: Sendable { case newToken, postponed, postponedAsMisconfigured, throttled, failed, retried }

  /// Every retry rule with every scope.
  static let outcomes: [Outcome] = [
    Outcome(retry: .never, scope: .message, first: .failed, second: .failed),
    Outcome(retry: .never, scope: .credential, first: .postponed, second: .postponed),
    Outcome(retry: .never, scope: .service, first: .postponed, second: .postponed),
    Outcome(retry: .afterTokenRefresh, scope: .message, first: .newToken, second: .postponedAsMisconfigured),
    Outcome(retry: .afterTokenRefresh, scope: .credential, first: .newToken, second: .postponedAsMisconfigured),
    Outcome(retry: .afterTokenRefresh, scope: .service, first: .newToken, second: .postponedAsMisconfigured),
    Outcome(retry: .backoff, scope: .message, first: .retried, second: .retried),
    Outcome(retry: .backoff, scope: .credential, first: .postponed, second: .postponed),
    Outcome(retry: .backoff, scope: .service, first: .postponed, second: .postponed),
    Outcome(retry: .backoffWithRateCut, scope: .message, first: .throttled, second: .throttled),
    Outcome(retry: .backoffWithRateCut, scope: .credential, first: .throttled, second: .throttled),
    Outcome(retry: .backoffWithRateCut, scope: .service, first: .throttled, second: .throttled),
  ]

  @Test func theTableOfOutcomesIsComplete() {
    #expect(
      Set(Self.outcomes.map { "\($0.retry) \($0.scope)" }).count == RetryRule.allCases.count
        * FailureScope.allCases.count)
  }

  @Test(arguments: outcomes, [0, 1, 4])
  func failuresOfTheFirstCall(_ outcome: Outcome, _ attempts: Int) {
    check(Self.calling(attempts: attempts), outcome, outcome.first, attempts)
  }

  @Test(arguments: outcomes, [0, 1, 4])
  func failuresOfTheCallWithAFreshToken(_ outcome: Outcome, _ attempts: Int) {
    check(Self.callingAgain(attempts: attempts), outcome, outcome.second, attempts)
  }

  private func check(_ start: RequestMachine, _ outcome: Outcome, _ step: Step, _ attempts: Int) {
    var machine = start
    let failure = SampleFailure.make(outcome.retry, outcome.scope)
    let action = machine.called(.failure(failure))
    let short = RetryPause(covering: .seconds(2))
    switch step {
    case .newToken:
      #expect(action == .requestToken(newerThan: Self.first))
      #expect(machine.state == .waitingForToken && machine.attempts == attempts)
    case .postponed:
      #expect(action == .postpone(short, attempts: attempts, failure))
      #expect(machine.state == .publishing(.retry) && machine.attempts == attempts)
    case .postponedAsMisconfigured:
      let shown = failure.withFreshToken()
      #expect(shown.code == .authMisconfigured && shown.scope == .credential)
      #expect(action == .postpone(short, attempts: attempts, shown))
      #expect(machine.state == .publishing(.retry) && machine.attempts == attempts)
    case .throttled:
      guard case .calling(let generation) = start.state else { return #expect(Bool(false)) }
      #expect(action == .takePermit)
      #expect(machine.state == .waitingForPermit(generation) && machine.attempts == attempts)
      #expect(machine.permitArrived(deadlinePassed: false) == .call(generation))
    case .retried where attempts == 4, .failed:
      #expect(action == .publishFailure(RequestFailure(failure)))
      #expect(machine.state == .publishing([.reply, .deadLetter]) && machine.attempts == attempts + 1)
    case .retried:
      let level: RetryLevel = attempts == 0 ? .twoSeconds : .tenSeconds
      #expect(action == .publishRetry(RetryPause(covering: level.delay), attempts: attempts + 1))
      #expect(machine.state == .publishing(.retry) && machine.attempts == attempts + 1)
    }
  }

  @Test func aRetryMayBePutOffForLonger() {
    var machine = Self.calling()
    #expect(
      machine.called(.failure(SampleFailure.make(.backoff)), later: 2)
        == .publishRetry(RetryPause(covering: .seconds(60)), attempts: 1))
  }

  @Test(arguments: [false, true])
  func aResultIsPublished(_ isSecondCall: Bool) {
    var machine = isSecondCall ? Self.callingAgain(attempts: 2) : Self.calling(attempts: 2)
    #expect(machine.called(.success) == .publishResult)
    #expect(machine.state == .publishing(.reply))
    #expect(machine.attempts == 3)
    #expect(machine.confirmed(.reply) == .acknowledge)
    #expect(machine.state == .settled)
  }

  @Test func withoutAPermitTheRequestWaitsInARetryLevel() {
    var machine = Self.waitingForPermit(attempts: 2)
    let action = machine.permitUnavailable(for: .seconds(300), deadlinePassed: false)
    #expect(action == .publishRetry(RetryPause(covering: .seconds(300)), attempts: 2))
    #expect(machine.state == .publishing(.retry))
  }

  @Test func aDeadlineThatPassesBeforeThePermitEndsTheRequest() {
    var (granted, refused) = (Self.waitingForPermit(), Self.waitingForPermit())
    let failure = RequestFailure(code: .deadlineExceeded)
    #expect(granted.permitArrived(deadlinePassed: true) == .publishFailure(failure))
    #expect(refused.permitUnavailable(for: .seconds(1), deadlinePassed: true) == .publishFailure(failure))
  }

  @Test func noTokenAfterARefusedOnePostpones() {
    var machine = Self.calling()
    _ = machine.called(.failure(Self.authFailure))
    let failure = SampleFailure.make(.backoff, .service)
    #expect(machine.tokenUnavailable(failure) == .postpone(RetryPause(covering: .seconds(2)), attempts: 0, failure))
  }

  @Test func aDeadlineThatPassesWhileATokenIsRenewedEndsTheRequest() {
    var machine = Self.calling()
    _ = machine.called(.failure(Self.authFailure))
    let failure = RequestFailure(code: .deadlineExceeded)
    #expect(machine.tokenArrived(Self.second, deadlinePassed: true) == .publishFailure(failure))
  }

  // MARK: Publishing

  static let copies: [RequestMachine.Pending] = [.reply, .deadLetter, .retry, .parkedReply]
  static let pendings: [RequestMachine.Pending] = copies + [[.reply, .deadLetter]]

  @Test(arguments: pendings, copies)
  func outcomesOfEachCopyInEachState(_ pending: RequestMachine.Pending, _ copy: RequestMachine.Pending) {
    let start = Self.publishing(pending)
    #expect(start.state == .publishing(pending))
    var (confirmed, notTaken, givenUp) = (start, start, start)
    guard pending.contains(copy) else {
      #expect(confirmed.confirmed(copy) == .none && confirmed.state == start.state)
      #expect(notTaken.notTaken(copy) == .none && notTaken.state == start.state)
      return
    }
    let rest = pending.subtracting(copy)
    #expect(confirmed.confirmed(copy) == (rest.isEmpty ? .acknowledge : .none))
    #expect(confirmed.state == (rest.isEmpty ? .settled : .publishing(rest)))
    #expect(notTaken.notTaken(copy) == .publishAgain(copy))
    #expect(notTaken.state == start.state)
    #expect(givenUp.replyGivenUp() == (pending.contains(.reply) ? .parkReply : .none))
    #expect(
      givenUp.state == .publishing(pending.contains(.reply) ? pending.subtracting(.reply).union(.parkedReply) : pending)
    )
  }

  @Test func withoutARequesterNothingIsPaidAndTheErrorIsParked() {
    var machine = Self.waiting(attempts: 1)
    let failure = RequestFailure(code: .replyUnroutable)
    #expect(machine.requesterGone(failure) == .parkFailure(failure))
    #expect(machine.state == .publishing(.parkedReply) && machine.attempts == 1)
    #expect(machine.tokenArrived(Self.first, deadlinePassed: false) == .none)
    #expect(machine.confirmed(.parkedReply) == .acknowledge)
  }

  // MARK: Late events

  /// Every event that may come late changes nothing in the states that do not expect it.
  @Test func lateEventsChangeNothing() {
    var settled = Self.publishing(.reply)
    _ = settled.confirmed(.reply)
    var abandoned = Self.calling()
    abandoned.deliveryLost()
    let fresh = RequestMachine(attempts: 0, policy: RetryPolicy())
    let begun = [settled, abandoned, fresh, Self.asking(), Self.waiting(), Self.waitingForPermit(), Self.calling()]
    for start in begun + Self.pendings.map(Self.publishing) {
      var machine = start
      if start.state != .askingForResult {
        #expect(machine.resultFound() == .none && machine.resultMissing() == .none)
      }
      if start.state != .waitingForToken {
        #expect(machine.tokenArrived(Self.second, deadlinePassed: false) == .none)
        #expect(machine.tokenArrived(Self.second, deadlinePassed: true) == .none)
        #expect(machine.tokenUnavailable(SampleFailure.make(.backoff, .service)) == .none)
        #expect(machine.requesterGone(RequestFailure(code: .replyUnroutable)) == .none)
      }
      if start.state != .waitingForPermit(Self.first) {
        #expect(machine.permitArrived(deadlinePassed: false) == .none)
        #expect(machine.permitUnavailable(for: .seconds(1), deadlinePassed: false) == .none)
      }
      if start.state != .calling(Self.first) {
        #expect(machine.called(.success) == .none)
        #expect(machine.called(.failure(SampleFailure.make(.backoff))) == .none)
      }
      if case .publishing = start.state {
      } else {
        for copy in Self.copies {
          #expect(machine.confirmed(copy) == .none && machine.notTaken(copy) == .none)
          #expect(machine.replyGivenUp() == .none)
        }
      }
      #expect(machine.state == start.state && machine.attempts == start.attempts)
    }
  }

  @Test func aLostDeliveryIsNeverAcknowledged() {
    for start in [Self.asking(), Self.waiting(), Self.waitingForPermit(), Self.calling()]
      + Self.pendings.map(Self.publishing)
    {
      var machine = start
      machine.deliveryLost()
      #expect(machine.state == .abandoned && machine.isDecided && !machine.isUnstarted)
      for copy in Self.copies { #expect(machine.confirmed(copy) == .none) }
    }
    var settled = Self.publishing(.reply)
    _ = settled.confirmed(.reply)
    settled.deliveryLost()
    #expect(settled.state == .settled)
  }

  /// An isolated failure of the service costs an attempt, one that everyone suffers costs none.
  @Test func isolatedFailuresOfTheServiceCountAsAttempts() {
    var machine = RequestMachine(attempts: 0, policy: RetryPolicy(maximumAttempts: 2))
    _ = machine.accepted()
    _ = machine.tokenArrived(TokenGeneration(number: 1), deadlinePassed: false)
    _ = machine.permitArrived(deadlinePassed: false)
    let failure = SampleFailure.make(.backoff, .service, status: 503)
    #expect(
      machine.called(.failure(failure), isShared: false)
        == .publishRetry(RetryPause(covering: .seconds(2)), attempts: 1))

    var last = RequestMachine(attempts: 1, policy: RetryPolicy(maximumAttempts: 2))
    _ = last.accepted()
    _ = last.tokenArrived(TokenGeneration(number: 1), deadlinePassed: false)
    _ = last.permitArrived(deadlinePassed: false)
    #expect(last.called(.failure(failure), isShared: false) == .publishFailure(RequestFailure(failure)))
  }

  /// After the longest wait even a failure that everyone suffers ends the request that met it.
  @Test(arguments: [RetryRule.never, .backoff, .backoffWithRateCut], [FailureScope.message, .service, .credential])
  func aRequestThatIsTooOldIsGivenUp(retry: RetryRule, scope: FailureScope) {
    let policy = RetryPolicy(giveUpAfter: .seconds(60))
    var machine = RequestMachine(attempts: 0, policy: policy, age: .seconds(60))
    _ = machine.accepted()
    _ = machine.tokenArrived(TokenGeneration(number: 1), deadlinePassed: false)
    _ = machine.permitArrived(deadlinePassed: false)
    let failure = SampleFailure.make(retry, scope)
    var ending = RequestFailure(failure)
    ending.isShared = scope != .message
    #expect(machine.called(.failure(failure)) == .publishFailure(ending), "what everyone suffers still stops consuming")
    #expect(machine.attempts == 1)

    var young = RequestMachine(attempts: 0, policy: policy, age: .seconds(59))
    _ = young.accepted()
    _ = young.tokenArrived(TokenGeneration(number: 1), deadlinePassed: false)
    _ = young.permitArrived(deadlinePassed: false)
    let isFinal = young.called(.failure(failure)) == .publishFailure(RequestFailure(failure))
    #expect(isFinal == (retry == .never && scope == .message))
  }
}
