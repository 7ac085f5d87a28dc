/// Who sends a request, as far as it was proven.
struct Identity: Sendable, Equatable {
  /// How it was proven.
  enum Proof: Sendable, Equatable {
    /// A session that began with a token; the id of the session.
    case session(String)
    /// A token in the request itself.
    case bearer
    /// A trusted proxy has said it.
    case proxy
  }

  /// The name, for the audit log. Who comes with a token says it himself.
  var name: String
  /// What he may do.
  var role: Role
  /// How that is known.
  var proof: Proof

  /// What a CSRF token of this identity is bound to; nil when no browser adds the proof by itself.
  var csrfSubject: String? {
    switch proof {
    case .session(let id): "session:" + id
    case .proxy: "proxy:" + name
    case .bearer: nil
    }
  }
}
