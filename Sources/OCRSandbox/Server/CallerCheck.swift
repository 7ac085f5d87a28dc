/// Decides whether a caller may use OCR. The signature scheme of the gateway has its place here too: a call with an
/// `Authorization` header that begins with `SDK-HMAC-SHA256` would be verified instead of its token.
enum CallerCheck {
  /// Refuses in the words of the layer that would refuse.
  static func check(
    token text: String?, projectID: String, identity: IdentityStore, at now: Double
  ) throws(Refusal) {
    guard let text, !text.isEmpty else { throw .tokenMissing }
    guard let token = identity.token(text) else { throw .tokenUndecryptable }
    switch token.verdict(at: now) {
    case .expired: throw .tokenExpired
    case .revoked: throw .tokenRevoked
    case .valid: break
    }
    guard identity.knowsProject(projectID) else { throw .projectUnavailable }
    guard token.scope == .project else { throw .domainToken }
    guard token.account.projectID == projectID else { throw .accessDenied }
  }
}
