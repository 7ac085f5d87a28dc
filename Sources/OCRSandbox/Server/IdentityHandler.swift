import FoundationEssentials
import Synchronization

/// Answers the paths of the identity service, all under `/v3`.
struct IdentityHandler: Sendable {
  let configuration: SandboxConfiguration
  let state: SandboxState

  /// Answers one call and fills in what the ledger shall know of it.
  func answer(_ call: IncomingCall, faults: FaultRunner, entry: inout LedgerEntry) async -> Answer {
    entry.api = "iam"
    do throws(Refusal) {
      return try await served(call, faults: faults, entry: &entry)
    } catch {
      entry.outcome = error.status == 429 ? .throttled : .refused
      entry.code = error.code
      return Answer(error, requestID: call.requestID)
    }
  }

  private func served(
    _ call: IncomingCall, faults: FaultRunner, entry: inout LedgerEntry
  ) async throws(Refusal) -> Answer {
    let doom = faults.doom(target: .iam, api: nil)
    await faults.runEarly(doom.early, token: call.headers["x-auth-token"], at: configuration.now())
    guard let fault = doom.last else { return try carriedOut(call, entry: &entry) }
    var answer: Answer?
    if fault.phase == .after { answer = try carriedOut(call, entry: &entry) }
    entry.outcome = .fault
    entry.fault = fault.kind.rawValue
    if fault.kind == .status { entry.code = fault.refusal.code }
    return await faults.spoil(answer, with: fault, requestID: call.requestID)
  }

  private func carriedOut(_ call: IncomingCall, entry: inout LedgerEntry) throws(Refusal) -> Answer {
    let answer =
      switch (call.method, call.path) {
      case ("POST", "/v3/auth/tokens"): try issue(call, entry: &entry)
      case ("GET", "/v3/auth/tokens"), ("HEAD", "/v3/auth/tokens"): try check(call, entry: &entry)
      case ("GET", "/v3/projects"): try projects(call, entry: &entry)
      default: throw .unknownIdentityPath
      }
    entry.outcome = .ok
    return answer
  }

  private func issue(_ call: IncomingCall, entry: inout LedgerEntry) throws(Refusal) -> Answer {
    guard call.body.count <= 32 * 1024 else { throw .identityBodyTooLarge(call.body.count) }
    guard call.headers["content-type"]?.lowercased().hasPrefix("application/json") == true,
      let json = try? JSONValue(parsing: call.body)
    else { throw .invalidIdentityBody }
    let request = try TokenRequest(json)
    let text = TokenText.make()
    let now = configuration.now()
    let outcome = state.identity.withLock { identity -> Result<IssuedToken, Refusal> in
      do throws(Refusal) {
        return .success(try identity.login(request, at: now, text: text))
      } catch {
        return .failure(error)
      }
    }
    let token = try outcome.get()
    entry.token = Fingerprint.token(text)
    var answer = Answer(status: 201, json: .fields(["token": Self.body(of: token)]))
    answer.headers = [("X-Subject-Token", text)]
    return answer
  }

  private func check(_ call: IncomingCall, entry: inout LedgerEntry) throws(Refusal) -> Answer {
    _ = try caller(call)
    guard let subject = call.headers["x-subject-token"],
      let token = state.identity.withLock({ $0.token(subject) }), token.verdict(at: configuration.now()) == .valid
    else { throw .invalidSubjectToken }
    entry.token = Fingerprint.token(subject)
    var answer = Answer(status: 200, json: .fields(["token": Self.body(of: token)]))
    answer.headers = [("X-Subject-Token", subject)]
    return answer
  }

  private func projects(_ call: IncomingCall, entry: inout LedgerEntry) throws(Refusal) -> Answer {
    let account = try account(of: call)
    let name = call.query["name"]
    let isWanted = name == nil || name == account.region
    let project = JSONValue.fields([
      "id": .string(account.projectID), "name": .string(account.region),
      "domain_id": .string(Self.id(of: account.domain)), "enabled": true,
    ])
    return Answer(status: 200, json: .fields(["projects": .array(isWanted ? [project] : [])]))
  }

  /// Whose projects are asked for: the owner of the token, or of the key that signed.
  private func account(of call: IncomingCall) throws(Refusal) -> Account {
    guard let signed = try SignedCall(call) else { return try caller(call).account }
    let now = configuration.now()
    try CallerCheck(configuration: configuration, state: state).checkSignature(signed, call, at: now)
    guard let account = configuration.accounts.first else { throw .accessKeyUnknown }
    return account
  }

  private func caller(_ call: IncomingCall) throws(Refusal) -> IssuedToken {
    guard let text = call.headers["x-auth-token"], let token = state.identity.withLock({ $0.token(text) }),
      token.verdict(at: configuration.now()) == .valid
    else { throw .invalidAuthToken }
    return token
  }

  private static func body(of token: IssuedToken) -> JSONValue {
    let account = token.account
    let domain = JSONValue.fields(["id": .string(id(of: account.domain)), "name": .string(account.domain)])
    var members: [JSONValue.Member] = [
      .init("expires_at", .string(WireTime.text(token.expiresAt))),
      .init("issued_at", .string(WireTime.text(token.issuedAt))), .init("methods", ["password"]),
    ]
    switch token.scope {
    case .project:
      let project = JSONValue.fields([
        "domain": domain, "id": .string(account.projectID), "name": .string(account.region),
      ])
      members.append(.init("project", project))
    case .domain: members.append(.init("domain", domain))
    case .unscoped: break
    }
    members.append(.init("catalog", .array([])))
    members.append(.init("roles", .array([.fields(["id": "0", "name": "te_admin"])])))
    let user = JSONValue.fields([
      "domain": domain, "id": .string(id(of: account.domain + "/" + account.user)), "name": .string(account.user),
      "password_expires_at": "",
    ])
    members.append(.init("user", user))
    return .object(members)
  }

  /// A made-up id that stays the same for a name.
  private static func id(of name: String) -> String { String(Fingerprint.sha256(Array(name.utf8)).prefix(32)) }
}

extension JSONValue: ExpressibleByArrayLiteral {
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}
