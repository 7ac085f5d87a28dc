/// Decides who a request comes from and what it may do. Pure but for the random ids of sessions.
struct Gatekeeper: Sendable {
  /// The cookie with the id of the session.
  static let cookieName = "ocr_console"
  /// The field of forms with the CSRF token.
  static let csrfField = "csrf"

  private let options: ConsoleOptions
  private let secret = ConsoleSecret()
  private var sessions = SessionBook()
  private var brake = LoginBrake()

  init(_ options: ConsoleOptions) { self.options = options }

  // MARK: Who

  /// Who a request comes from; nil when nobody is known. `now` is in milliseconds since 1970.
  mutating func identity(of request: ConsoleRequest, now: Int64) -> Identity? {
    if let text = request.header("authorization") {
      guard text.lowercased().hasPrefix("bearer "), let role = role(token: String(text.dropFirst(7)), request, now)
      else { return nil }
      return Identity(name: "token", role: role, proof: .bearer)
    }
    if let user = proxyUser(of: request) {
      return Identity(name: user, role: options.operators.contains(user) ? .operate : .read, proof: .proxy)
    }
    guard let id = request.cookie(Self.cookieName), id.utf8.count == 64 else { return nil }
    return sessions.identity(id, now: now)
  }

  private func proxyUser(of request: ConsoleRequest) -> String? {
    guard let peer = request.peer, options.trustedProxies.contains(where: { $0.contains(peer) }),
      let user = request.header(options.userHeader.lowercased()), !user.isEmpty, user.utf8.count <= 256
    else { return nil }
    return user
  }

  /// Both tokens are compared, whichever it is.
  private mutating func role(token: String, _ request: ConsoleRequest, _ now: Int64) -> Role? {
    let address = request.peer ?? ""
    guard brake.allows(address, now: now) else { return nil }
    let isOperate = options.operateToken.map { secret.isSame(token, $0) } ?? false
    let isRead = options.readToken.map { secret.isSame(token, $0) } ?? false
    if isOperate { return .operate }
    if isRead { return .read }
    brake.failed(address, now: now)
    return nil
  }

  // MARK: Sessions

  /// What became of a login.
  enum Login: Equatable {
    /// A session has begun.
    case begun(Identity, cookie: String)
    /// The token is none of ours.
    case wrong
    /// Too many wrong tokens came from there.
    case tooMany
  }

  /// Begins a session for whoever has a token. The name is what he calls himself.
  mutating func logIn(token: String, name: String, _ request: ConsoleRequest, now: Int64) -> Login {
    guard brake.allows(request.peer ?? "", now: now) else { return .tooMany }
    guard let role = role(token: token, request, now) else { return .wrong }
    let shown = String(name.prefix(64))
    let id = sessions.begin(name: shown.isEmpty ? "token" : shown, role: role, now: now)
    guard let identity = sessions.identity(id, now: now) else { preconditionFailure("Gatekeeper: a session has ended") }
    return .begun(identity, cookie: cookie(id, seconds: Int(SessionBook.lifetime.components.seconds)))
  }

  /// Ends the session of an identity and returns the cookie that deletes the browser's.
  mutating func logOut(_ identity: Identity) -> String {
    if case .session(let id) = identity.proof { sessions.end(id) }
    return cookie("", seconds: 0)
  }

  private func cookie(_ value: String, seconds: Int) -> String {
    let secure = options.publicURL?.hasPrefix("https://") ?? false ? "; Secure" : ""
    return "\(Self.cookieName)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict\(secure)"
  }

  // MARK: Whether it is meant

  /// The CSRF token for the forms of an identity; empty when it needs none.
  func csrfToken(for identity: Identity) -> String { identity.csrfSubject.map(secret.seal) ?? "" }

  /// Whether an action was sent from a page of ours that was made for this identity. What carries its token itself was
  /// sent by a program, not by a browser that somebody has misled.
  func isMeant(_ request: ConsoleRequest, by identity: Identity) -> Bool {
    guard let subject = identity.csrfSubject else { return true }
    guard isFromOurPage(request), let token = request.form?[Self.csrfField] else { return false }
    return secret.isSeal(token, of: subject)
  }

  /// Whether the browser says that a page of ours has sent it.
  func isFromOurPage(_ request: ConsoleRequest) -> Bool {
    guard let origin = request.header("origin") else { return false }
    if let publicURL = options.publicURL { return origin == publicURL }
    guard let host = request.header("host") else { return false }
    return origin == "http://" + host || origin == "https://" + host
  }
}
