internal import OCRContract
internal import RelayCore

/// The OCR service and IAM.
final class ServiceModel {
  private let stage: Stage
  /// Tokens issued before are not taken any more.
  private var revokedBefore = 0
  private var callsOfRequest: [Int]

  init(stage: Stage) {
    self.stage = stage
    callsOfRequest = Array(repeating: 0, count: stage.scenario.requests.count)
  }

  // MARK: OCR

  func callArrives(_ call: Int) {
    let request = stage.deliveries[stage.calls[call].delivery].request
    let failure = answer(to: request, token: stage.calls[call].token)
    stage.calls[call].failure = failure
    let time =
      switch failure {
      case .timeout: 15_000
      case .outage: stage.random.pick([1, 10_000])
      default: stage.random.between(1, stage.scenario.callTime)
      }
    stage.plan(.callEnds(call), after: time)
  }

  private func answer(to request: Int, token: Int) -> FailureSample? {
    if let failure = unreached() { return failure }
    guard isTaken(token) else { return .unauthorized }
    if let failure = troubled() { return failure }
    let failure = scripted(request)
    return stage.isActive(.answersLost) && stage.random.chance(500) ? .answerLost : failure
  }

  private func unreached() -> FailureSample? {
    if stage.isActive(.outage) { return .outage }
    return stage.isActive(.hanging) && stage.random.chance(500) ? .timeout : nil
  }

  private func isTaken(_ token: Int) -> Bool {
    let token = stage.tokens[token]
    return token.issuedAt >= revokedBefore && stage.now < token.endsAt && !stage.isActive(.tokensRefused)
  }

  private func troubled() -> FailureSample? {
    if stage.isActive(.credentialFails) { return .badCredential }
    if stage.isActive(.throttledForAll), stage.random.chance(600) {
      return stage.random.chance(500) ? .serviceThrottled : .credentialThrottled
    }
    if stage.isActive(.throttled), stage.random.chance(700) {
      return stage.random.chance(500) ? .throttled : .throttledRetryAfter
    }
    if stage.isActive(.failing), stage.random.chance(600) {
      return stage.random.chance(500) ? .failing : .serviceFailing
    }
    guard stage.isActive(.oddFailures), stage.random.chance(600) else { return nil }
    return stage.random.pick(Self.odd)
  }

  private static let odd: [FailureSample] = [
    .serviceNever, .serviceThrottled, .serviceUnauthorized, .credentialBackoff, .credentialThrottled, .longWait,
    .ownUnauthorized,
  ]

  private func scripted(_ request: Int) -> FailureSample? {
    defer { callsOfRequest[request] += 1 }
    switch stage.scenario.requests[request].behaviour {
    case .success: return nil
    case .terminal: return .terminal
    case .transient(let failures, let sample): return callsOfRequest[request] < failures ? sample : nil
    }
  }

  // MARK: IAM

  func revokeTokens() {
    revokedBefore = stage.now + 1
  }

  func loginArrives(_ login: Int) {
    if stage.isActive(.loginsRefused) {
      stage.logins[login].result = .refused
    } else if stage.isActive(.loginsFail), stage.random.chance(800) {
      stage.logins[login].result = .failed
    } else {
      let lifetime = stage.scenario.tokenLifetime.wholeMilliseconds
      stage.tokens.append(Token(issuedAt: stage.now, endsAt: stage.now + lifetime))
      stage.logins[login].result = .token(stage.tokens.count - 1)
    }
    let time = stage.isActive(.loginsSlow) ? stage.random.between(1_000, 70_000) : stage.random.between(5, 300)
    stage.plan(.loginEnds(login), after: time)
  }
}
