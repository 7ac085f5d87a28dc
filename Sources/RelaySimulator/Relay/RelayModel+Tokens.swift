internal import OCRContract
internal import RelayCore

extension RelayModel {
  /// Serves whoever needs a token, now or when the login has ended.
  func withToken(_ waiter: TokenWaiter) {
    guard isAlive else { return }
    switch lifecycle.need(newerThan: waiter.newerThan, now: now) {
    case .use(let generation): serve(waiter, generation)
    case .wait:
      tokenWaiters.append(waiter)
      if plant == .loginStorm { logIn() }
    case .logIn:
      tokenWaiters.append(waiter)
      logIn()
    case .refuseUntil(let time):
      if plant == .refusedLoginRepeated, case .flow = waiter, !lifecycle.isLoggingIn {
        lifecycle.credentialsChanged()
        return withToken(waiter)
      }
      refuse(waiter, until: time)
    }
  }

  private func serve(_ waiter: TokenWaiter, _ generation: TokenGeneration) {
    switch waiter {
    case .flow(let flow, _): granted(flow, generation, token)
    case .consumer: consume()
    }
  }

  private func refuse(_ waiter: TokenWaiter, until time: Duration) {
    var failure = lastLoginFailure ?? FailureSample.outage.failure
    failure.scope = .credential
    failure.minimumWait = max(time - now, .seconds(1))
    switch waiter {
    case .flow(let flow, _): perform(flows[flow].machine.tokenUnavailable(failure), flow)
    case .consumer: everyoneSuffers(failure)
    }
  }

  private func logIn() {
    guard step() else { return }
    stage.trace("relay \(index) logs in")
    logins.begins(stage.audit)
    stage.logins.append(Login(relay: index, incarnation: incarnation, startedAt: stage.now))
    stage.plan(.loginArrives(stage.logins.count - 1), after: stage.random.below(10))
  }

  func loginEnded(_ login: Int) {
    let record = stage.logins[login]
    switch record.result {
    case .token(let token): loggedIn(token, startedAt: record.startedAt)
    case .failed: loginFailed(FailureSample.outage.failure)
    case .refused: loginFailed(FailureSample.badCredential.failure)
    }
  }

  private func loggedIn(_ token: Int, startedAt: Int) {
    let generation = lifecycle.loggedIn(
      lifetime: stage.scenario.tokenLifetime, startedAt: .milliseconds(startedAt), now: now)
    guard generation != nil else { return loginFailed(FailureSample.timeout.failure) }
    logins.ends(isRefused: false, stage.audit)
    stage.trace("relay \(index) has token \(token)")
    self.token = token
    lastLoginFailure = nil
    armTokenTimer()
    serveTokenWaiters()
  }

  private func loginFailed(_ failure: CallFailure) {
    stage.trace("relay \(index) cannot log in: \(failure.code.rawValue)")
    let isRefusal = failure.retry == .never
    logins.ends(isRefused: isRefusal, stage.audit)
    lifecycle.loginFailed(isRefusal: isRefusal, minimumWait: failure.minimumWait, now: now)
    lastLoginFailure = failure
    armTokenTimer()
    serveTokenWaiters()
  }

  private func serveTokenWaiters() {
    let waiters = tokenWaiters
    tokenWaiters.removeAll()
    for waiter in waiters { withToken(waiter) }
  }

  func tokenTimer(_ serial: Int) {
    guard serial == tokenSerial, lifecycle.renewIfDue(now: now) == .logIn else { return }
    logIn()
  }

  private func armTokenTimer() {
    guard let deadline = lifecycle.nextDeadline else { return }
    tokenSerial += 1
    stage.plan(
      .tokenTimer(relay: index, incarnation: incarnation, serial: tokenSerial), at: deadline.wholeMilliseconds)
  }
}

extension RelayModel.TokenWaiter {
  var newerThan: TokenGeneration? {
    switch self {
    case .flow(_, let generation): generation
    case .consumer: nil
    }
  }
}
