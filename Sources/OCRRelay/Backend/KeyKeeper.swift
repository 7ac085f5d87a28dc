internal import EventLoop
internal import HTTPTransport
internal import Logging
internal import OCRContract
internal import RelayCore

/// Holds a key that needs no login: one that signs calls, or a bearer key.
///
/// Isolation: not `Sendable`; belongs to its loop.
final class KeyKeeper: CallCredentials {
  /// Makes the grant of a generation out of the secrets as they are now; fails when they cannot stand in a header.
  typealias GrantMaker = (TokenGeneration) throws(HTTPClientError) -> CallGrant

  let secondsLeft: Int64? = nil
  private(set) var counters = CredentialCounters()
  private let makeGrant: GrantMaker
  private let reactor: Reactor
  private let logger: Logger
  private var lifecycle: KeyLifecycle
  private var grant: CallGrant?
  private var waiters: [(newerThan: TokenGeneration?, waiter: Waiter)] = []
  private var lastFailure: CallFailure?
  private var timer: LoopTimer?

  init(policy: KeyLifecycle.Policy, reactor: Reactor, logger: Logger, _ makeGrant: @escaping GrantMaker) {
    self.makeGrant = makeGrant
    self.reactor = reactor
    self.logger = logger
    lifecycle = KeyLifecycle(policy: policy)
    timer = reactor.makeTimer { [unowned self] in serveWaiters() }
  }

  func withToken(newerThan generation: TokenGeneration?, _ waiter: @escaping Waiter) {
    switch lifecycle.need(newerThan: generation, now: now) {
    case .use(let generation): waiter(granted(generation))
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
      if lifecycle.worked(generation) {
        lastFailure = nil
        logger.notice("the key works", metadata: ["audit": "accept", "generation": "\(generation.number)"])
        serveWaiters()
      }
    case .refused(let failure): wasRefused(generation, failure)
    case .unknown: if lifecycle.endedOpen(generation) { serveWaiters() }
    }
  }

  func wasNotUsed(_ generation: TokenGeneration) {
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

  private func wasRefused(_ generation: TokenGeneration, _ failure: CallFailure) {
    guard lifecycle.wasRefused(generation, minimumRest: failure.minimumWait, now: now) else { return }
    counters.refusedTokens += 1
    if failure.isLock { counters.locks += 1 }
    lastFailure = failure.withFreshToken()
    var rest = Duration.zero
    if case .refused(let until) = lifecycle.state { rest = until - now }
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
