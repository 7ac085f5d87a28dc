import Synchronization

/// Decides whether a caller may use OCR, whichever way it proves itself, and refuses in the words of the layer that
/// would refuse.
struct CallerCheck: Sendable {
  let configuration: SandboxConfiguration
  let state: SandboxState

  /// Refuses a caller who may not call for this project.
  func check(_ call: IncomingCall, projectID: String) throws(Refusal) {
    let now = configuration.now()
    if let signed = try SignedCall(call) {
      try checkSignature(signed, call, at: now)
      guard knows(projectID) else { throw .projectUnavailable }
      guard call.headers["x-project-id"] ?? projectID == projectID else { throw .accessDenied }
    } else if let key = Self.bearerKey(call) {
      if let application = call.headers["app_key"] {
        try state.applications.withLock { $0 }.check(id: application, text: key, at: now)
      } else if !configuration.keys.bearerKeys.contains(key) {
        throw .bearerKeyWrong
      }
    } else {
      try checkToken(call.headers["x-auth-token"], projectID: projectID, at: now)
    }
  }

  /// Checks a signature, and counts failures against the key.
  func checkSignature(_ signed: SignedCall, _ call: IncomingCall, at now: Double) throws(Refusal) {
    let token = call.headers["x-security-token"]
    let outcome = state.accessKeys.withLock { book in
      Result { () throws(Refusal) in try book.check(signed, securityToken: token, at: now) }
    }
    try outcome.get()
  }

  private func checkToken(_ text: String?, projectID: String, at now: Double) throws(Refusal) {
    let identity = state.identity.withLock { $0 }
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

  private func knows(_ projectID: String) -> Bool {
    state.identity.withLock { $0.knowsProject(projectID) }
  }

  private static func bearerKey(_ call: IncomingCall) -> String? {
    guard let text = call.headers["authorization"], text.lowercased().hasPrefix("bearer ") else { return nil }
    return String(text.dropFirst("bearer ".count))
  }
}
