internal import EventLoop
internal import HTTPTransport
internal import HuaweiCloud
internal import Logging
internal import OCRContract
internal import RelayCore

/// Holds the token of this process: takes over the one of another process or logs in when a newer one is needed, once
/// for everybody who waits, and renews it early.
///
/// Isolation: not `Sendable`; belongs to its loop. The token's text is in the prepared headers only.
final class TokenKeeper: CallCredentials {
  private let login: any TokenLogin
  private let store: any TokenStore
  private let reactor: Reactor
  private let logger: Logger
  private var lifecycle: TokenLifecycle
  private var flight: LoginFlight
  private var grant: CallGrant?
  private var token: (generation: UInt64, startedAt: Duration)?
  private var waiters: [(newerThan: TokenGeneration?, waiter: Waiter)] = []
  private var lastFailure: CallFailure?
  private var timer: LoopTimer?
  private var flightTimer: LoopTimer?
  private var saveTimer: LoopTimer?
  private var isStopped = false
  /// Whether the flight under way has brought a token by a login of its own.
  private var hasLoggedIn = false
  private var isStoreMissing = false
  private(set) var counters = CredentialCounters()
  private static let saveAgainAfter = Duration.seconds(10)

  init(
    login: any TokenLogin, store: any TokenStore, policy: TokenPolicy, rules: LoginFlight.Rules, reactor: Reactor,
    logger: Logger
  ) {
    self.login = login
    self.store = store
    self.reactor = reactor
    self.logger = logger
    lifecycle = TokenLifecycle(policy: policy)
    flight = LoginFlight(rules: rules)
    timer = reactor.makeTimer { [unowned self] in renewIfDue() }
    flightTimer = reactor.makeTimer { [unowned self] in perform(flight.waited(now: now)) }
    saveTimer = reactor.makeTimer { [unowned self] in saveLate() }
  }

  var secondsLeft: Int64? {
    lifecycle.current.map { ($0.expiresAt - now).components.seconds }
  }

  func withToken(newerThan generation: TokenGeneration?, _ waiter: @escaping Waiter) {
    switch lifecycle.need(newerThan: generation, now: now) {
    case .use:
      guard let grant else { preconditionFailure("TokenKeeper: a usable generation without its headers") }
      waiter(.success(grant))
    case .wait: waiters.append((generation, waiter))
    case .logIn:
      waiters.append((generation, waiter))
      begin(reason: generation == nil ? "no valid token" : "token was refused")
    case .refuseUntil(let time): waiter(.failure(refusal(until: time)))
    }
  }

  func callEnded(_ generation: TokenGeneration, _ outcome: CallOutcome) {
    switch outcome {
    case .success: lifecycle.tokenWorked(generation)
    case .failure(let failure):
      if failure.retry == .afterTokenRefresh { tokenWasRefused(generation, failure) }
    }
  }

  func wasNotUsed(_ generation: TokenGeneration) {}

  /// A token of the new secrets is got now; the old one stays in use until then.
  func secretsChanged() {
    counters.rotations += 1
    lifecycle.credentialsChanged()
    lastFailure = nil
    renewIfDue()
  }

  func stop() {
    isStopped = true
    for timer in [timer, flightTimer, saveTimer] { timer?.invalidate() }
    (timer, flightTimer, saveTimer) = (nil, nil, nil)
    waiters.removeAll()
    store.stop()
  }

  private var now: Duration { .nanoseconds(reactor.now.nanoseconds) }

  // MARK: Refusals of the service

  private func tokenWasRefused(_ generation: TokenGeneration, _ failure: CallFailure) {
    let worked = lifecycle.hasWorked
    guard lifecycle.tokenWasRefused(generation) else { return }
    counters.refusedTokens += 1
    audit(
      .warning, "a token was refused", "revoke",
      [
        "backend_code": "\(failure.backend.code ?? "none")", "backend_message": "\(failure.backend.message ?? "none")",
        "worked_before": "\(worked)",
      ])
    guard let operation = flight.tokenWasRefused(worked: worked, now: now) else { return }
    store.perform(operation) { [weak self] result in self?.noteStore(result) }
  }

  private func refusal(until time: Duration) -> CallFailure {
    var failure = lastFailure ?? .blockedCredential(.refused)
    failure.scope = .credential
    failure.minimumWait = min(max(time - now, .seconds(1)), CallFailure.longestCredentialWait)
    return failure
  }

  // MARK: Flight

  private func renewIfDue() {
    if lifecycle.renewIfDue(now: now) == .logIn { begin(reason: "renewal is due") } else { armTimer() }
  }

  private func begin(reason: String) {
    logger.debug("a token is needed", metadata: ["reason": "\(reason)"])
    saveLate()
    perform(flight.begin(secretTag: login.secretTag))
  }

  private func perform(_ action: LoginFlight.Action) {
    guard !isStopped else { return }
    switch action {
    case .none: break
    case .ask(let operation):
      store.perform(operation) { [weak self] result in
        guard let self, !isStopped else { return }
        noteStore(result)
        perform(flight.storeAnswered(result, now: now))
      }
    case .logIn(let refreshText): logIn(refreshText)
    case .wait(let pause): flightTimer?.arm(after: pause)
    case .adopt(let token): adopt(token)
    case .blocked(let wait, let reason): blocked(wait, reason)
    case .failed: failed(lastFailure ?? TransportFailure.connectFailed.callFailure)
    case .storeMissing:
      failed(lastFailure ?? .missingTokenStore)
    }
  }

  private func logIn(_ refreshText: Secret?) {
    let startedAt = now
    counters.logins += 1
    audit(.info, "logging in", "login", ["by_refresh_token": "\(refreshText != nil)"])
    login.start(refreshText: refreshText) { [weak self] result in
      guard let self, !isStopped else { return }
      switch result {
      case .success(let contents):
        hasLoggedIn = true
        perform(flight.loggedIn(contents, startedAt: startedAt, now: now))
      case .failure(let failure): loginFailed(failure)
      }
    }
  }

  private func adopt(_ token: StoredToken) {
    do throws(HTTPClientError) {
      let headers = try login.headers(for: token.contents)
      let startedAt = now - token.age
      guard
        let generation = lifecycle.loggedIn(
          lifetime: token.contents.lifetime, startedAt: startedAt, now: now, jitter: .random(in: 0...1))
      else { return failed(TransportFailure.timeout(afterRequestSent: true).callFailure) }
      grant = CallGrant(generation: generation, headers: headers, projectID: token.contents.projectID, signer: nil)
      self.token = (token.generation, startedAt)
      lastFailure = nil
      noteAdopted(token)
      if flight.lateSave(now: now) != nil { saveTimer?.arm(after: Self.saveAgainAfter) }
      armTimer()
      serveWaiters()
    } catch {
      failed(TransportFailure.responseMalformed.callFailure)
    }
  }

  private func noteAdopted(_ token: StoredToken) {
    let life: Logger.Metadata = ["seconds_left": "\(token.remaining.components.seconds)"]
    if hasLoggedIn {
      counters.obtained += 1
      audit(.info, "got a token", "obtain", life)
    } else {
      counters.shared += 1
      audit(.info, "took over the token of another process", "share", life)
    }
    hasLoggedIn = false
  }

  private func loginFailed(_ failure: CallFailure) {
    let setback = LoginSetback(failure)
    lastFailure = failure
    switch setback {
    case .passing: counters.failedLogins += 1
    case .refused, .locked: counters.refusedLogins += 1
    }
    if failure.isLock { counters.locks += 1 }
    perform(flight.loginFailed(setback, now: now))
  }

  private func failed(_ failure: CallFailure) {
    lastFailure = failure
    lifecycle.loginFailed(isRefusal: failure.retry == .never, minimumWait: failure.minimumWait, now: now)
    let wait = (lifecycle.notBefore ?? now) - now
    audit(
      .error, "cannot get a token", failure.isLock ? "lock" : "refuse",
      [
        "code": "\(failure.code.rawValue)", "backend_code": "\(failure.backend.code ?? "none")",
        "backend_message": "\(failure.backend.message ?? "none")", "advice": "\(failure.advice)",
        "next_try_seconds": "\(wait.components.seconds)",
      ])
    armTimer()
    serveWaiters()
  }

  private func blocked(_ wait: Duration, _ reason: TokenReply.BlockReason) {
    let failure = CallFailure.blockedCredential(reason)
    let pause = min(wait, CallFailure.longestCredentialWait)
    // Once for each cause: it is looked at again and again.
    let level: Logger.Level = lastFailure == nil || lastFailure?.advice != failure.advice ? .error : .debug
    counters.blockedLogins += 1
    audit(
      level, "no login is made for now", "block",
      ["reason": "\(reason.rawValue)", "left_seconds": "\(wait.components.seconds)", "advice": "\(failure.advice)"])
    lastFailure = failure
    lifecycle.loginWasBlocked(for: pause, now: now)
    armTimer()
    serveWaiters()
  }

  // MARK: Store

  /// The store was away when the last token came: others can have it as soon as it is back.
  private func saveLate() {
    guard let operation = flight.lateSave(now: now) else { return }
    store.perform(operation) { [weak self] result in
      guard let self, !isStopped else { return }
      noteStore(result)
      if case .success = result { flight.savedLate() } else { saveTimer?.arm(after: Self.saveAgainAfter) }
    }
  }

  /// Says once that the store is away, and once that it is back.
  private func noteStore(_ result: Result<TokenReply, TokenStoreFailure>) {
    switch result {
    case .success:
      if isStoreMissing { audit(.notice, "the token store is back", "store", [:]) }
      isStoreMissing = false
    case .failure(let failure):
      counters.storeFailures += 1
      if !isStoreMissing {
        audit(
          .error, "the token store cannot be used", "store",
          ["operation": "\(failure.operation)", "reason": "\(failure.detail)", "advice": "\(failure.advice)"])
      }
      isStoreMissing = true
    }
  }

  // MARK: Parts

  private func serveWaiters() {
    let served = waiters
    waiters.removeAll()
    for (generation, waiter) in served { withToken(newerThan: generation, waiter) }
  }

  private func armTimer() {
    guard let deadline = lifecycle.nextDeadline else { return }
    timer?.arm(at: MonotonicInstant(nanoseconds: deadline.saturatingNanoseconds))
  }

  /// A line of the audit trail: what happened, to which token, how old it was, where it is kept. Never the token.
  private func audit(_ level: Logger.Level, _ message: Logger.Message, _ event: String, _ more: Logger.Metadata) {
    var metadata = more
    metadata["audit"] = "\(event)"
    metadata["service"] = "\(login.service)"
    metadata["store"] = "\(store.name)"
    if let token {
      metadata["generation"] = "\(token.generation)"
      metadata["age_seconds"] = "\((now - token.startedAt).components.seconds)"
    }
    logger.log(level: level, message, metadata: metadata)
  }
}
