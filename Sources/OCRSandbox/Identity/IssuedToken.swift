/// A token that the sandbox gave out.
struct IssuedToken: Sendable, Equatable {
  enum Scope: Sendable, Equatable {
    case project
    case domain
    case unscoped
  }
  enum Verdict: Sendable, Equatable {
    case valid, expired, revoked
  }

  var account: Account
  var scope: Scope
  /// Seconds since the epoch.
  var issuedAt: Double
  var expiresAt: Double
  var isRevoked = false

  func verdict(at now: Double) -> Verdict {
    if isRevoked { return .revoked }
    return now >= expiresAt ? .expired : .valid
  }
}
