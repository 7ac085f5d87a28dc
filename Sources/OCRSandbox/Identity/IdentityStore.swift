/// Accounts, tokens and lock-outs. Pure: the caller brings the time and guards the value.
struct IdentityStore: Sendable {
  /// Failed logins that lock an account, and the two times of the default policy, in seconds.
  static let failuresUntilLock = 5
  static let countingSeconds = 900.0
  static let lockSeconds = 900.0
  /// Tokens kept in memory; the oldest are forgotten and then count as undecryptable.
  static let keptTokens = 10_000

  let accounts: [Account]
  let lifetimeSeconds: Double
  private var tokens: [String: IssuedToken] = [:]
  private var order: [String] = []
  private var failures: [String: [Double]] = [:]
  private var lockedUntil: [String: Double] = [:]

  init(accounts: [Account], lifetimeSeconds: Double) {
    self.accounts = accounts
    self.lifetimeSeconds = lifetimeSeconds
  }

  /// Checks a login and issues `text` as a token, or refuses as the identity service would.
  mutating func login(_ request: TokenRequest, at now: Double, text: String) throws(Refusal) -> IssuedToken {
    let key = request.domain + "/" + request.user
    if let until = lockedUntil[key] {
      if now < until { throw .accountLocked }
      lockedUntil[key] = nil
      failures[key] = nil
    }
    guard let account = accounts.first(where: { $0.user == request.user && $0.domain == request.domain }),
      account.password == request.password
    else {
      recordFailure(key, at: now)
      throw .wrongPassword
    }
    failures[key] = nil
    let token = IssuedToken(
      account: account, scope: try scope(of: request, for: account), issuedAt: now, expiresAt: now + lifetimeSeconds)
    keep(token, as: text)
    return token
  }

  /// The token of that text, or nil when the sandbox never gave it out.
  func token(_ text: String) -> IssuedToken? { tokens[text] }

  /// True when some account has the project.
  func knowsProject(_ id: String) -> Bool { accounts.contains { $0.projectID == id } }

  /// Revokes every token issued so far and tells how many that were.
  mutating func revokeAll() -> Int {
    let live = tokens.filter { !$0.value.isRevoked }
    for text in live.keys { tokens[text]?.isRevoked = true }
    return live.count
  }

  /// Revokes one token.
  mutating func revoke(_ text: String) { tokens[text]?.isRevoked = true }

  /// Lets every token issued so far expire at `now`, and tells how many that were.
  mutating func expireAll(at now: Double) -> Int {
    let live = tokens.filter { $0.value.expiresAt > now }
    for text in live.keys { tokens[text]?.expiresAt = now }
    return live.count
  }

  /// Lets one token expire.
  mutating func expire(_ text: String, at now: Double) {
    guard let token = tokens[text], token.expiresAt > now else { return }
    tokens[text]?.expiresAt = now
  }

  /// Forgets lock-outs and failed logins.
  mutating func unlockAll() {
    lockedUntil = [:]
    failures = [:]
  }

  private mutating func recordFailure(_ key: String, at now: Double) {
    let recent = (failures[key] ?? []).filter { now - $0 < Self.countingSeconds } + [now]
    failures[key] = recent
    if recent.count >= Self.failuresUntilLock { lockedUntil[key] = now + Self.lockSeconds }
  }

  private func scope(of request: TokenRequest, for account: Account) throws(Refusal) -> IssuedToken.Scope {
    switch request.scope {
    case .none: return .unscoped
    case .domain: return .domain
    case .project(let id, let name):
      guard id == nil || id == account.projectID, name == nil || name == account.region else { throw .unknownProject }
      return .project
    }
  }

  private mutating func keep(_ token: IssuedToken, as text: String) {
    tokens[text] = token
    order.append(text)
    if order.count > Self.keptTokens { tokens[order.removeFirst()] = nil }
  }
}
