internal import DeadLetters

/// Answers requests: who may come in, what is asked for, and what is done. Knows nothing of sockets.
actor ConsoleSite {
  let options: ConsoleOptions
  let live: LiveView
  let office: LetterOffice
  let audit: AuditLog
  private var gatekeeper: Gatekeeper

  init(_ options: ConsoleOptions, live: LiveView, office: LetterOffice, audit: AuditLog) {
    self.options = options
    self.live = live
    self.office = office
    self.audit = audit
    gatekeeper = Gatekeeper(options)
  }

  /// The answer to a request, protection included.
  func respond(to request: ConsoleRequest) async -> ConsoleResponse {
    var response = await answer(to: request)
    response.headers = ConsoleResponse.protection + response.headers
    if !response.headers.contains(where: { $0.name == "Cache-Control" }) {
      response.headers.append(("Cache-Control", "no-store"))
    }
    if let chosen = request.query["language"].flatMap(Language.init(rawValue:)) {
      let cookie = "\(Language.cookieName)=\(chosen.rawValue); Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict"
      response.headers.append(("Set-Cookie", cookie))
    }
    return response
  }

  private func answer(to request: ConsoleRequest) async -> ConsoleResponse {
    let method = request.method == "HEAD" ? "GET" : request.method
    guard method == "GET" || method == "POST" else {
      return ConsoleResponse.text("method not allowed\n", status: 405).with("Allow", "GET, HEAD, POST")
    }
    guard let segments = request.segments else { return .text("not found\n", status: 404) }
    if method == "GET", segments.count == 1 {
      if let asset = Asset(rawValue: segments[0]) { return asset.response }
      if segments == ["healthz"] { return .text("ok\n", status: 200) }
    }
    let identity = gatekeeper.identity(of: request, now: SystemTime.milliseconds)
    if segments == ["login"] { return await logIn(request, method, identity) }
    guard let identity else {
      let isBrowser = method == "GET" && request.header("authorization") == nil
      return isBrowser ? .seeOther("/login") : .text("log in first\n", status: 401).with("WWW-Authenticate", "Bearer")
    }
    let frame = frame(request, identity)
    guard method == "POST" else { return await page(segments, request, frame) }
    return await action(segments, request, frame, identity)
  }

  func frame(_ request: ConsoleRequest, _ identity: Identity?) -> PageFrame {
    let query = request.query.text(without: "language")
    return PageFrame(
      language: Language(of: request), identity: identity, csrf: identity.map(gatekeeper.csrfToken) ?? "",
      now: SystemTime.milliseconds, path: request.path, query: query, assets: Asset.version)
  }

  // MARK: Coming in

  private func logIn(_ request: ConsoleRequest, _ method: String, _ identity: Identity?) async -> ConsoleResponse {
    let frame = frame(request, nil)
    guard method == "POST" else { return identity == nil ? .page(LoginPage(frame: frame).markup) : .seeOther("/") }
    guard gatekeeper.isFromOurPage(request) else {
      return .page(LoginPage(frame: frame, refusal: .foreign).markup, status: 403)
    }
    guard let form = request.form, let token = form["token"] else {
      return .page(LoginPage(frame: frame, refusal: .wrong).markup, status: 400)
    }
    let name = form["name"] ?? ""
    switch gatekeeper.logIn(token: token, name: name, request, now: frame.now) {
    case .begun(let identity, let cookie):
      if let problem = await note(identity, request, "login", outcome: "done") { return problem }
      return ConsoleResponse.seeOther("/").with("Set-Cookie", cookie)
    case .wrong:
      _ = await note(nil, request, "login", outcome: "wrong token")
      return .page(LoginPage(frame: frame, refusal: .wrong).markup, status: 403)
    case .tooMany: return .page(LoginPage(frame: frame, refusal: .tooMany).markup, status: 429)
    }
  }

  // MARK: Acting

  private func action(
    _ segments: [String], _ request: ConsoleRequest, _ frame: PageFrame, _ identity: Identity
  ) async -> ConsoleResponse {
    guard let action = ConsoleAction(segments) else { return notFound(frame) }
    guard gatekeeper.isMeant(request, by: identity), let form = request.form else {
      _ = await note(identity, request, action.name, outcome: "refused: not from a page of the console")
      let text = frame.say(
        "This did not come from a page of this console, or the page was too old. Nothing was done; open the page again.",
        "该请求不是来自本控制台的页面，或页面已过期。未执行任何操作；请重新打开页面。")
      return refusal(frame, text, status: 403)
    }
    guard identity.role >= action.role else {
      _ = await note(identity, request, action.name, outcome: "refused: may only read")
      let text = frame.say("You may look, but not change anything.", "您只能查看，不能更改。")
      return refusal(frame, text, status: 403)
    }
    if action == .logout {
      _ = await note(identity, request, "logout", outcome: "done")
      return ConsoleResponse.seeOther("/login").with("Set-Cookie", gatekeeper.logOut(identity))
    }
    return await perform(action, form, request, frame, identity)
  }

  /// Writes an action down; the answer to give when that cannot be done.
  func note(
    _ identity: Identity?, _ request: ConsoleRequest, _ action: String, what: String = "", letters: Int? = nil,
    outcome: String
  ) async -> ConsoleResponse? {
    let entry = AuditEntry(
      at: SystemTime.milliseconds, who: identity?.name ?? "", role: identity?.role.rawValue ?? "",
      address: request.peer ?? "", action: action, what: what, letters: letters, outcome: outcome)
    do throws(ConsoleError) {
      try await audit.write(entry)
      return nil
    } catch {
      return .text("\(error)\n", status: 500)
    }
  }

  // MARK: Answers

  func notFound(_ frame: PageFrame) -> ConsoleResponse {
    let text = frame.say("There is no such page, or no longer.", "没有该页面，或已不存在。")
    return refusal(frame, text, status: 404)
  }

  func refusal(_ frame: PageFrame, _ text: String, status: Int) -> ConsoleResponse {
    let title = status == 404 ? frame.say("Not found", "未找到") : frame.say("Not done", "未执行")
    return .page(MessagePage(frame: frame, title: title, text: text).markup, status: status)
  }
}
