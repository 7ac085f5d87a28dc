/// The body of `POST /v3/auth/tokens`, read as strictly as the identity service does.
struct TokenRequest: Sendable, Equatable {
  enum ScopeRequest: Sendable, Equatable {
    case project(id: String?, name: String?)
    case domain
    case none
  }

  var user: String
  var password: String
  var domain: String
  var scope: ScopeRequest

  /// Fails with the service's refusal of a body that is not a password login.
  init(_ json: JSONValue) throws(Refusal) {
    guard let auth = json["auth"], let identity = auth["identity"],
      let methods = identity["methods"]?.elements, methods == ["password"],
      let user = identity["password"]?["user"], let name = user["name"]?.text, !name.isEmpty,
      let password = user["password"]?.text, !password.isEmpty,
      let domain = user["domain"]?["name"]?.text, !domain.isEmpty
    else { throw .invalidIdentityBody }
    self.user = name
    self.password = password
    self.domain = domain
    scope = try Self.scope(auth["scope"])
  }

  /// A project wins over a domain when both are sent.
  private static func scope(_ json: JSONValue?) throws(Refusal) -> ScopeRequest {
    guard let json else { return .none }
    if let project = json["project"] {
      let id = project["id"]?.text
      let name = project["name"]?.text
      guard id != nil || name != nil else { throw .invalidIdentityBody }
      return .project(id: id, name: name)
    }
    guard let domain = json["domain"], domain["id"]?.text != nil || domain["name"]?.text != nil else {
      throw .invalidIdentityBody
    }
    return .domain
  }
}
