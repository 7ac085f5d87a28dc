internal import EventLoop
internal import HTTPTransport
internal import HuaweiCloud
internal import Logging
internal import OCRContract
internal import RelayCore

/// Holds the token of this process: logs in when one is needed, once for everybody who waits, and renews it early.
///
/// Isolation: not `Sendable`; belongs to its loop. The token's text is in the prepared headers only.
final class TokenKeeper {
  /// What a call needs to be made with a token.
  struct Grant {
    var generation: TokenGeneration
    var headers: HTTPHeaders
    /// The project that the token belongs to.
    var projectID: String
  }

  typealias Waiter = (Result<Grant, CallFailure>) -> Void

  private let login: IAMLogin
  private let reactor: Reactor
  private let logger: Logger
  private var lifecycle: TokenLifecycle
  private var grant: Grant?
  private var waiters: [(newerThan: TokenGeneration?, waiter: Waiter)] = []
  private var lastFailure: CallFailure?
  private var timer: LoopTimer?
  private var isStopped = false

  init(login: IAMLogin, policy: TokenPolicy, reactor: Reactor, logger: Logger) {
    self.login = login
    self.reactor = reactor
    self.logger = logger
    lifecycle = TokenLifecycle(policy: policy)
    timer = reactor.makeTimer { [unowned self] in renewIfDue() }
  }

  /// Seconds until the current token ends; nil without one.
  var secondsLeft: Int64? {
    lifecycle.current.map { ($0.expiresAt - now).components.seconds }
  }

  /// Calls `waiter` with a token newer than `generation`, now or when the login has ended.
  func withToken(newerThan generation: TokenGeneration?, _ waiter: @escaping Waiter) {
    switch lifecycle.need(newerThan: generation, now: now) {
    case .use:
      guard let grant else { preconditionFailure("TokenKeeper: a usable generation without its headers") }
      waiter(.success(grant))
    case .wait: waiters.append((generation, waiter))
    case .logIn:
      waiters.append((generation, waiter))
      logIn(reason: generation == nil ? "no valid token" : "token was refused")
    case .refuseUntil(let time): waiter(.failure(refusal(until: time)))
    }
  }

  /// The service refused this token.
  func tokenWasRefused(_ generation: TokenGeneration) {
    lifecycle.tokenWasRefused(generation)
  }

  /// Begins no further login and lets go of everybody who waits.
  func stop() {
    isStopped = true
    timer?.invalidate()
    timer = nil
    waiters.removeAll()
  }

  private var now: Duration { .nanoseconds(reactor.now.nanoseconds) }

  private func refusal(until time: Duration) -> CallFailure {
    var failure = lastFailure ?? TransportFailure.connectFailed.callFailure
    failure.scope = .credential
    failure.minimumWait = max(time - now, .seconds(1))
    return failure
  }

  private func renewIfDue() {
    if lifecycle.renewIfDue(now: now) == .logIn { logIn(reason: "renewal is due") }
  }

  private func logIn(reason: String) {
    let startedAt = now
    logger.info("logging in to IAM", metadata: ["reason": "\(reason)"])
    login.start { [weak self] result in
      guard let self, !isStopped else { return }
      switch result {
      case .success(let token): loggedIn(token, startedAt: startedAt)
      case .failure(let failure): loginFailed(failure)
      }
    }
  }

  private func loggedIn(_ token: IAMToken, startedAt: Duration) {
    do throws(HTTPClientError) {
      let headers = try login.headers(for: token)
      guard let generation = lifecycle.loggedIn(lifetime: token.lifetime, startedAt: startedAt, now: now) else {
        return loginFailed(TransportFailure.timeout(afterRequestSent: true).callFailure)
      }
      grant = Grant(generation: generation, headers: headers, projectID: token.projectID)
      lastFailure = nil
      logger.info(
        "got an IAM token",
        metadata: ["generation": "\(generation.number)", "lifetime_seconds": "\(token.lifetime.components.seconds)"])
      armTimer()
      serveWaiters()
    } catch {
      loginFailed(TransportFailure.responseMalformed.callFailure)
    }
  }

  private func loginFailed(_ failure: CallFailure) {
    let isRefusal = failure.retry == .never
    lifecycle.loginFailed(isRefusal: isRefusal, minimumWait: failure.minimumWait, now: now)
    lastFailure = failure
    let wait = (lifecycle.notBefore ?? now) - now
    logger.error(
      "cannot get an IAM token",
      metadata: [
        "code": "\(failure.code.rawValue)", "backend_code": "\(failure.backend.code ?? "none")",
        "backend_message": "\(failure.backend.message ?? "none")", "advice": "\(failure.advice)",
        "next_try_seconds": "\(wait.components.seconds)",
      ])
    armTimer()
    serveWaiters()
  }

  private func serveWaiters() {
    let served = waiters
    waiters.removeAll()
    for (generation, waiter) in served { withToken(newerThan: generation, waiter) }
  }

  private func armTimer() {
    guard let deadline = lifecycle.nextDeadline else { return }
    timer?.arm(at: MonotonicInstant(nanoseconds: deadline.saturatingNanoseconds))
  }
}
