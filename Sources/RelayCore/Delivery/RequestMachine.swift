internal import OCRContract

/// The life of one delivery, from its arrival to its acknowledgement: pure decisions, no I/O, no clock.
///
/// Every event returns the one action that follows. The order that keeps promises is fixed here: what the requester is
/// told and what is kept is published and confirmed first; the delivery is acknowledged last.
public struct RequestMachine: Sendable {
  /// Where the delivery stands. (`askingForResult` →) `waitingForToken` → `waitingForPermit` → `calling` →
  /// (`waitingForToken` once more, `waitingForPermit` after each throttle) → `publishing` → `settled`; from anywhere to
  /// `abandoned`, when the consumer's connection is lost and the broker delivers again.
  public enum State: Sendable, Equatable {
    /// Nothing was decided yet.
    case received
    /// The same request may have a result already, or a call under way.
    case askingForResult
    /// Needs a token before its call.
    case waitingForToken
    /// Has this token and waits until one more call may be made.
    case waitingForPermit(TokenGeneration)
    /// The call is under way with this token.
    case calling(TokenGeneration)
    /// Copies are published; these are not confirmed yet.
    case publishing(Pending)
    /// Acknowledged.
    case settled
    /// The delivery belongs to a lost connection.
    case abandoned
  }

  /// What has to be confirmed before the acknowledgement.
  public struct Pending: OptionSet, Sendable {
    /// The bits.
    public let rawValue: UInt8
    /// A set with the given bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The result or typed error for the requester.
    public static let reply = Pending(rawValue: 1)
    /// The copy in a dead-letter queue.
    public static let deadLetter = Pending(rawValue: 2)
    /// The copy in a retry level.
    public static let retry = Pending(rawValue: 4)
    /// The answer that no one takes, in the queue for unroutable answers.
    public static let parkedReply = Pending(rawValue: 8)
  }

  /// What to do next. What is seldom done lies in a box of its own, so that the usual actions are carried around as two words.
  public enum Action: Sendable, Equatable {
    /// Nothing until the next event.
    case none
    /// Look whether the request has a result already.
    case askForResult
    /// Get a token newer than this one, or any.
    case requestToken(newerThan: TokenGeneration?)
    /// Wait until the limits of the OCR service allow one more call.
    case takePermit
    /// Call the OCR service with this token.
    case call(TokenGeneration)
    /// Publish the result.
    case publishResult
    /// Publish the typed error, and the dead copy unless the class keeps none. When the failure is shared, stop consuming
    /// first, as with `postpone`.
    indirect case publishFailure(RequestFailure)
    /// Publish the dead copy only: there is nobody to tell.
    indirect case publishDeadLetter(RequestFailure)
    /// Publish the request to a retry level; `attempts` are those made so far.
    indirect case publishRetry(RetryPause, attempts: Int)
    /// As `publishRetry`, and everyone suffers from this failure: stop consuming, probe.
    indirect case postpone(RetryPause, attempts: Int, CallFailure)
    /// Publish the answer to the queue for unroutable answers.
    case parkReply
    /// Publish the typed error to the queue for unroutable answers: nobody is there to take it.
    indirect case parkFailure(RequestFailure)
    /// Publish the named copies again after a pause; the broker refused them.
    case publishAgain(Pending)
    /// Acknowledge the delivery.
    case acknowledge
  }

  /// Where the delivery stands.
  public private(set) var state = State.received
  /// Calls made for this request, those of earlier deliveries included.
  public private(set) var attempts: Int

  private let policy: RetryPolicy
  private let isTooOld: Bool
  private var refusedToken: TokenGeneration?

  /// A delivery that was tried `attempts` times before and failed for the first time `age` ago.
  public init(attempts: Int, policy: RetryPolicy, age: Duration = .zero) {
    self.attempts = attempts
    self.policy = policy
    isTooOld = age >= policy.giveUpAfter
  }

  // MARK: Before the call

  /// Whether nothing was begun for the delivery that would be lost by giving it back.
  public var isUnstarted: Bool {
    switch state {
    case .askingForResult, .waitingForToken, .waitingForPermit: true
    case .received, .calling, .publishing, .settled, .abandoned: false
    }
  }

  /// Whether it is settled what becomes of the delivery, so that no call will be made for it any more.
  public var isDecided: Bool {
    switch state {
    case .received, .askingForResult, .waitingForToken, .waitingForPermit, .calling: false
    case .publishing, .settled, .abandoned: true
    }
  }

  /// The request passed the checks. `keepsResults` tells that it may have a result from an earlier delivery.
  public mutating func accepted(keepsResults: Bool = false) -> Action {
    expect(state == .received, "accepted")
    state = .askingForResult
    return keepsResults ? .askForResult : resultMissing()
  }

  /// The request has a result already: nothing is paid again.
  public mutating func resultFound() -> Action {
    guard state == .askingForResult else { return .none }
    state = .publishing(.reply)
    return .publishResult
  }

  /// The request has no result yet.
  public mutating func resultMissing() -> Action {
    guard state == .askingForResult else { return .none }
    state = .waitingForToken
    return .requestToken(newerThan: nil)
  }

  /// The request can never succeed.
  public mutating func rejected(_ failure: RequestFailure) -> Action {
    expect(state == .received, "rejected")
    return fail(failure)
  }

  /// The OCR service demanded a longer wait than the request has behind it; this much is left.
  public mutating func tooEarly(by wait: Duration) -> Action {
    expect(state == .received, "tooEarly")
    state = .publishing(.retry)
    return .publishRetry(RetryPause(covering: wait), attempts: attempts)
  }

  /// No work is taken now, and the broker has had the message back too often to get it back once more: a copy takes its
  /// place in the shortest retry level. No attempt is counted.
  public mutating func replaced() -> Action {
    guard state == .received || isUnstarted else { return .none }
    state = .publishing(.retry)
    return .publishRetry(RetryPause(covering: .zero), attempts: attempts)
  }

  /// The reply target is not allowed: nobody may be told, nothing is paid.
  public mutating func replyForbidden(_ failure: RequestFailure) -> Action {
    expect(state == .received, "replyForbidden")
    state = .publishing(.deadLetter)
    return .publishDeadLetter(failure)
  }

  /// Nobody waits for the answer any more: its address is gone for good. Nothing is paid; the typed error is parked.
  public mutating func requesterGone(_ failure: RequestFailure) -> Action {
    guard state == .waitingForToken else { return .none }
    state = .publishing(.parkedReply)
    return .parkFailure(failure)
  }

  /// A token is there. `deadlinePassed` tells that nobody waits for the answer any more.
  public mutating func tokenArrived(_ generation: TokenGeneration, deadlinePassed: Bool) -> Action {
    guard state == .waitingForToken else { return .none }
    guard !deadlinePassed else { return fail(RequestFailure(code: .deadlineExceeded)) }
    state = .waitingForPermit(generation)
    return .takePermit
  }

  /// One more call may be made. `deadlinePassed` tells that nobody waits for the answer any more: the permit is not used.
  public mutating func permitArrived(deadlinePassed: Bool) -> Action {
    guard case .waitingForPermit(let generation) = state else { return .none }
    guard !deadlinePassed else { return fail(RequestFailure(code: .deadlineExceeded)) }
    state = .calling(generation)
    return .call(generation)
  }

  /// No call may be made for so long that the delivery is not held any longer: it waits for `wait` in a retry level.
  public mutating func permitUnavailable(for wait: Duration, deadlinePassed: Bool) -> Action {
    guard case .waitingForPermit = state else { return .none }
    guard !deadlinePassed else { return fail(RequestFailure(code: .deadlineExceeded)) }
    state = .publishing(.retry)
    return .publishRetry(RetryPause(covering: wait), attempts: attempts)
  }

  /// No token can be had for now.
  public mutating func tokenUnavailable(_ failure: CallFailure) -> Action {
    guard state == .waitingForToken else { return .none }
    return postpone(failure)
  }

  // MARK: After the call

  /// The call ended. `isShared` tells that a failure of the service is no isolated one: every request would suffer it;
  /// `later` makes the pause before a retry so many levels longer.
  public mutating func called(_ outcome: CallOutcome, isShared: Bool = true, later: Int = 0) -> Action {
    guard case .calling(let generation) = state else { return .none }
    switch outcome {
    case .success:
      attempts += 1
      state = .publishing(.reply)
      return .publishResult
    case .failure(let failure): return called(failure, with: generation, isShared: isShared, later: later)
    }
  }

  private mutating func called(
    _ failure: CallFailure, with generation: TokenGeneration, isShared: Bool, later: Int
  ) -> Action {
    if failure.retry == .afterTokenRefresh, refusedToken == nil {
      refusedToken = generation
      state = .waitingForToken
      return .requestToken(newerThan: generation)
    }
    let failure = refusedToken == nil ? failure : failure.withFreshToken()
    if failure.retry == .backoffWithRateCut, !isTooOld {
      // The limiter makes everyone wait; the request is the first that is served when it goes on.
      state = .waitingForPermit(generation)
      return .takePermit
    }
    guard failure.scope == .message || (failure.scope == .service && !isShared) else {
      if isTooOld { attempts += 1 }
      return postpone(failure)
    }
    attempts += 1
    guard failure.retry == .backoff, !isTooOld, let pause = policy.pause(after: attempts, failure, later: later) else {
      return fail(RequestFailure(failure))
    }
    state = .publishing(.retry)
    return .publishRetry(pause, attempts: attempts)
  }

  /// Waits until the failure that everyone suffers is over. Only a request that has waited for very long, which is the
  /// one that was let through as a probe, is given up for it.
  private mutating func postpone(_ failure: CallFailure) -> Action {
    guard !isTooOld else {
      var ending = RequestFailure(failure)
      ending.isShared = true
      return fail(ending)
    }
    state = .publishing(.retry)
    return .postpone(policy.pauseWithoutAttempt(failure), attempts: attempts, failure)
  }

  private mutating func fail(_ failure: RequestFailure) -> Action {
    state = .publishing(failure.deadLetterQueue == nil ? .reply : [.reply, .deadLetter])
    return .publishFailure(failure)
  }

  // MARK: Publishing

  /// The broker has a copy safely.
  public mutating func confirmed(_ copy: Pending) -> Action {
    guard case .publishing(var pending) = state, pending.contains(copy) else { return .none }
    pending.subtract(copy)
    guard pending.isEmpty else {
      state = .publishing(pending)
      return .none
    }
    state = .settled
    return .acknowledge
  }

  /// No queue took a copy: there is none, or it is full. It is published again: one of our own queues comes back when it
  /// is declared, a requester's perhaps.
  public mutating func notTaken(_ copy: Pending) -> Action {
    guard case .publishing(let pending) = state, pending.contains(copy) else { return .none }
    return .publishAgain(copy)
  }

  /// The answer was tried often enough, or its target is known to take none.
  public mutating func replyGivenUp() -> Action {
    guard case .publishing(var pending) = state, pending.contains(.reply) else { return .none }
    pending.remove(.reply)
    pending.insert(.parkedReply)
    state = .publishing(pending)
    return .parkReply
  }

  /// The consumer's connection is lost: the broker gives the message to somebody again, whatever is done here.
  public mutating func deliveryLost() {
    guard state != .settled else { return }
    state = .abandoned
  }

  private func expect(_ condition: Bool, _ event: String) {
    precondition(condition, "RequestMachine: event \(event) in state \(state)")
  }
}
