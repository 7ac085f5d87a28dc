/// Applications and their tokens: each login and each renewal ends the token before. Pure: the caller brings the time
/// and new texts, and guards the value.
struct ApplicationBook: Sendable {
  struct Token: Sendable, Equatable {
    var text: String
    var refreshText: String
    var expiresAt: Double
  }

  private let applications: [SandboxKeys.Application]
  private let lifetimeSeconds: Double
  private var tokens: [String: Token] = [:]

  init(_ applications: [SandboxKeys.Application], lifetimeSeconds: Double) {
    self.applications = applications
    self.lifetimeSeconds = lifetimeSeconds
  }

  /// Logs an application in.
  mutating func login(id: String, secret: String, new: Token, at now: Double) throws(Refusal) -> Token {
    guard !id.isEmpty, !secret.isEmpty else { throw .platformFieldMissing }
    guard applications.contains(where: { $0.id == id && $0.secret == secret }) else { throw .applicationUnknown }
    return replace(id, by: new, at: now)
  }

  /// Renews by refresh token.
  mutating func refresh(
    id: String, secret: String, refreshText: String, new: Token, at now: Double
  ) throws(Refusal) -> Token {
    guard applications.contains(where: { $0.id == id && $0.secret == secret }) else { throw .applicationUnknown }
    guard tokens[id]?.refreshText == refreshText else { throw .refreshTokenWrong }
    return replace(id, by: new, at: now)
  }

  /// Refuses a token that is not the last one of its application, or has ended.
  func check(id: String, text: String, at now: Double) throws(Refusal) {
    guard let token = tokens[id], token.text == text, now < token.expiresAt else { throw .accessTokenWrong }
  }

  /// Ends all tokens and tells how many there were; their refresh tokens stay.
  mutating func revokeAll() -> Int {
    for id in tokens.keys { tokens[id]?.expiresAt = 0 }
    return tokens.count
  }

  private mutating func replace(_ id: String, by new: Token, at now: Double) -> Token {
    var token = new
    token.expiresAt = now + lifetimeSeconds
    tokens[id] = token
    return token
  }
}
