internal import EventLoop
internal import HTTPTransport
internal import Logging
internal import OCRContract
internal import RelayCore

/// Holds a key that needs no login: one that signs calls, or a bearer key. Where failures lock a key, all processes
/// that use it try it by turns.
///
/// Isolation: not `Sendable`; belongs to its loop.
final class KeyKeeper: CallCredentials {
  /// Makes the grant of a generation out of the secrets as they are now; fails when they cannot stand in a header.
  typealias GrantMaker = (TokenGeneration) throws(HTTPClientError) -> CallGrant

  let secondsLeft: Int64? = nil
  private(set) var counters = CredentialCounters()
  private let makeGrant: GrantMaker
  private let trial: KeyTrial?
  private let secretTag: () -> UInt16
  private let reactor: Reactor
  private let logger: Logger
  private var lifecycle: KeyLifecycle
  private var grant: CallGrant?
  private var waiters: [(newerThan: TokenGeneration?, waiter: Waiter)] = []
  private var lastFailure: CallFailure?
  private var timer: LoopTimer?
  /// Which generation this process tries for all.
  private var trialGeneration: TokenGeneration?
  private var isStoreMissing = false

  /// With a store all processes that share it try the key by turns; `secretTag` tells one key from the next.
  init(
    policy: KeyLifecycle.Policy, store: (any TokenStore)? = nil, secretTag: @escaping () -> UInt16 = { 0 },
    reactor: Reactor, logger: Logger, _ makeGrant: @escaping GrantMaker
  ) {
    self.makeGrant = makeGrant
    self.secretTag = secretTag
    self.reactor = reactor
    self.logger = logger
    trial = store.map { KeyTrial(store: $0, longest: policy.trialTime, reactor: reactor) }
    lifecycle = KeyLifecycle(policy: policy)
    timer = reactor.makeTimer { [unowned self] in serveWaiters() }
    trial?.onStoreAnswer = { [unowned self] in noteStore($0) }
  }

  func withToken(newerThan generation: TokenGeneration?, _ waiter: @escaping Waiter) {
    switch lifecycle.need(newerThan: generation, now: now) {
    case .use(let generation): waiter(granted(generation))
    case .test(let tested):
      guard let trial else { return waiter(granted(tested)) }
      trial.begin(tag: secretTag()) { [weak self] in
        self?.trialIsAnswered($0, tested, again: { self?.withToken(newerThan: generation, waiter) }, use: waiter)
      }
    case .wait:
      waiters.append((generation, waiter))
      if case .testing(let until) = lifecycle.state {
        timer?.arm(at: MonotonicInstant(nanoseconds: until.saturatingNanoseconds))
      }
    case .refuseUntil(let time): waiter(.failure(refusal(until: time)))
    }
  }

  func callEnded(_ generation: TokenGeneration, _ outcome: CallOutcome) {
    switch CredentialVerdict(outcome) {
    case .accepted:
      trialEnded(generation, .accepted)
      if lifecycle.worked(generation) { isProven(generation, by: "this process") }
    case .refused(let failure): wasRefused(generation, failure)
    case .unknown: wasNotUsed(generation)
    }
  }

  func wasNotUsed(_ generation: TokenGeneration) {
    trialEnded(generation, .open)
    if lifecycle.endedOpen(generation) { serveWaiters() }
  }

  func secretsChanged() {
    counters.rotations += 1
    lifecycle.keyChanged()
    grant = nil
    lastFailure = nil
    serveWaiters()
  }

  func stop() {
    timer?.invalidate()
    timer = nil
    waiters.removeAll()
    trial?.stop()
  }

  private var now: Duration { .nanoseconds(reactor.now.nanoseconds) }

  private func granted(_ generation: TokenGeneration) -> Result<CallGrant, CallFailure> {
    if let grant, grant.generation == generation { return .success(grant) }
    do throws(HTTPClientError) {
      let made = try makeGrant(generation)
      grant = made
      return .success(made)
    } catch {
      logger.error("the key cannot be sent", metadata: ["reason": "\(error)"])
      return .failure(
        CallFailure(
          code: .authMisconfigured, retry: .never, scope: .credential, minimumWait: .seconds(60),
          backend: BackendFault(domain: "relay", billed: .no)))
    }
  }

  // MARK: Trials

  /// `again` asks anew, `use` hands the key out.
  private func trialIsAnswered(
    _ permission: KeyTrial.Permission, _ tested: TokenGeneration, again: () -> Void,
    use: (Result<CallGrant, CallFailure>) -> Void
  ) {
    switch permission {
    case .granted where tested == lifecycle.generation:
      trialGeneration = tested
      return use(granted(tested))
    case .granted: trial?.ended(.open)
    case .proven:
      if lifecycle.worked(tested) {
        counters.shared += 1
        isProven(tested, by: "another process")
      }
    case .blocked(let wait, let reason): blocked(tested, wait, reason)
    }
    again()
  }

  private func trialEnded(_ generation: TokenGeneration, _ ending: KeyTrial.Ending) {
    guard generation == trialGeneration else { return }
    trialGeneration = nil
    trial?.ended(ending)
  }

  private func isProven(_ generation: TokenGeneration, by who: String) {
    lastFailure = nil
    logger.notice(
      "the key works", metadata: ["audit": "accept", "generation": "\(generation.number)", "shown_by": "\(who)"])
    serveWaiters()
  }

  private func blocked(_ generation: TokenGeneration, _ wait: Duration, _ reason: TokenReply.BlockReason) {
    let failure = CallFailure.blockedCredential(reason)
    counters.blockedLogins += 1
    // Once for each cause: it is looked at again and again.
    logger.log(
      level: lastFailure?.advice == failure.advice ? .debug : .error, "the key is not tried for now",
      metadata: [
        "audit": "block", "reason": "\(reason.rawValue)", "left_seconds": "\(wait.components.seconds)",
        "advice": "\(failure.advice)",
      ])
    lastFailure = failure
    lifecycle.trialWasBlocked(generation, until: now + min(wait, CallFailure.longestCredentialWait))
    serveWaiters()
  }

  /// Says once that the store is away, and once that it is back.
  private func noteStore(_ result: Result<TokenReply, TokenStoreFailure>) {
    switch result {
    case .success:
      if isStoreMissing { logger.notice("the token store is back", metadata: ["audit": "store"]) }
      isStoreMissing = false
    case .failure(let failure):
      counters.storeFailures += 1
      if !isStoreMissing {
        logger.error(
          "the token store cannot be used",
          metadata: [
            "audit": "store", "operation": "\(failure.operation)", "reason": "\(failure.detail)",
            "advice": "\(failure.advice)",
          ])
      }
      isStoreMissing = true
    }
  }

  private func wasRefused(_ generation: TokenGeneration, _ failure: CallFailure) {
    let wasProven = lifecycle.state == .proven
    guard lifecycle.wasRefused(generation, minimumRest: failure.minimumWait, now: now) else {
      return trialEnded(generation, .open)
    }
    if wasProven { trial?.proofWasRefused() }
    counters.refusedTokens += 1
    if failure.isLock { counters.locks += 1 }
    lastFailure = failure.withFreshToken()
    var rest = Duration.zero
    if case .refused(let until) = lifecycle.state { rest = until - now }
    trialEnded(generation, .refused(rest: rest, isLock: failure.isLock))
    logger.error(
      "the key was refused",
      metadata: [
        "audit": "\(failure.isLock ? "lock" : "refuse")", "generation": "\(generation.number)",
        "backend_code": "\(failure.backend.code ?? "none")", "backend_message": "\(failure.backend.message ?? "none")",
        "next_try_seconds": "\(rest.components.seconds)", "advice": "\(failure.advice)",
      ])
    serveWaiters()
  }

  private func refusal(until time: Duration) -> CallFailure {
    var failure = lastFailure ?? .blockedCredential(.refused)
    failure.retry = .never
    failure.scope = .credential
    failure.minimumWait = min(max(time - now, .seconds(1)), CallFailure.longestCredentialWait)
    return failure
  }

  private func serveWaiters() {
    let served = waiters
    waiters.removeAll()
    for (generation, waiter) in served { withToken(newerThan: generation, waiter) }
  }
}
