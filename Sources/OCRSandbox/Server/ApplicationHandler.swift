import FoundationEssentials
import Synchronization

/// Answers the logins of applications, under `/iocm`.
struct ApplicationHandler: Sendable {
  static let prefix = "/iocm/app/sec/v1.1.0/"

  let configuration: SandboxConfiguration
  let state: SandboxState

  /// Answers one call and fills in what the ledger shall know of it.
  func answer(_ call: IncomingCall, faults: FaultRunner, entry: inout LedgerEntry) async -> Answer {
    entry.api = call.path.hasSuffix("/refreshToken") ? "app-refresh" : "app-login"
    let doom = faults.doom(target: .iam, api: nil)
    await faults.runEarly(doom.early, token: nil, at: configuration.now())
    if let fault = doom.last {
      entry.outcome = .fault
      entry.fault = fault.kind.rawValue
      return await faults.spoil(nil, with: fault, requestID: call.requestID)
    }
    do throws(Refusal) {
      let token = try token(for: call)
      entry.outcome = .ok
      entry.token = Fingerprint.token(token.text)
      return Answer(status: 200, json: body(token))
    } catch {
      entry.code = error.code
      return Answer(error, requestID: call.requestID)
    }
  }

  private func token(for call: IncomingCall) throws(Refusal) -> ApplicationBook.Token {
    let new = ApplicationBook.Token(
      text: Fingerprint.requestID(), refreshText: Fingerprint.requestID(), expiresAt: 0)
    let now = configuration.now()
    guard call.method == "POST" else { throw .unknownIdentityPath }
    let outcome: Result<ApplicationBook.Token, Refusal>
    switch call.path {
    case Self.prefix + "login":
      let form = Self.form(call.body)
      outcome = state.applications.withLock { book in
        Result { () throws(Refusal) in
          try book.login(id: form["appId"] ?? "", secret: form["secret"] ?? "", new: new, at: now)
        }
      }
    case Self.prefix + "refreshToken":
      guard let json = try? JSONValue(parsing: call.body), let id = json["appId"]?.text,
        let secret = json["secret"]?.text, let text = json["refreshToken"]?.text
      else { throw .platformFieldMissing }
      outcome = state.applications.withLock { book in
        Result { () throws(Refusal) in
          try book.refresh(id: id, secret: secret, refreshText: text, new: new, at: now)
        }
      }
    default: throw .unknownIdentityPath
    }
    return try outcome.get()
  }

  private func body(_ token: ApplicationBook.Token) -> JSONValue {
    .fields([
      "accessToken": .string(token.text), "tokenType": "bearer",
      "expiresIn": .integer(Int(configuration.tokenLifetimeSeconds)), "refreshToken": .string(token.refreshText),
      "scope": "default",
    ])
  }

  private static func form(_ body: Data) -> [String: String] {
    var fields: [String: String] = [:]
    for part in String(decoding: body, as: UTF8.self).split(separator: "&") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
        PercentCoding.decoded($0.replacing("+", with: " "))
      }
      if pair.count == 2 { fields[pair[0]] = pair[1] }
    }
    return fields
  }
}
