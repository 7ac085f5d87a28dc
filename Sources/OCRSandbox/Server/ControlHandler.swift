import FoundationEssentials
import Synchronization

/// Answers the control endpoints under `/sandbox`, with which tests ask for faults and read the ledger.
struct ControlHandler: Sendable {
  let configuration: SandboxConfiguration
  let state: SandboxState

  /// Answers one call. Control calls are not in the ledger.
  func answer(_ call: IncomingCall) -> Answer {
    switch (call.method, call.path) {
    case ("GET", "/sandbox/faults"): return Answer(status: 200, json: faultList())
    case ("POST", "/sandbox/faults"): return addFault(call.body)
    case ("DELETE", "/sandbox/faults"):
      state.faults.withLock { $0.removeAll() }
      state.hanging.releaseAll()
      return done()
    case ("GET", "/sandbox/ledger"):
      return Answer(status: 200, text: state.ledger.withLock(\.lines), contentType: "application/x-ndjson")
    case ("GET", "/sandbox/ledger/summary"): return Answer(status: 200, json: state.ledger.withLock(\.summary))
    case ("DELETE", "/sandbox/ledger"):
      state.ledger.withLock { $0 = Ledger() }
      return done()
    case ("POST", "/sandbox/tokens/revoke"):
      let applications = state.applications.withLock { $0.revokeAll() }
      return counted(applications + state.identity.withLock { $0.revokeAll() })
    case ("POST", "/sandbox/tokens/expire"):
      let now = configuration.now()
      return counted(state.identity.withLock { $0.expireAll(at: now) })
    case ("POST", "/sandbox/accounts/unlock"):
      state.identity.withLock { $0.unlockAll() }
      state.accessKeys.withLock { $0.unlockAll() }
      return done()
    case ("PUT", "/sandbox/limit"): return setLimit(call.body)
    case ("DELETE", "/sandbox/limit"):
      state.gate.withLock { $0 = nil }
      return done()
    case ("GET", "/sandbox/health"): return done()
    default: return wrong(404, "no such control endpoint: \(call.method) \(call.path)")
    }
  }

  private func faultList() -> JSONValue {
    .array(
      state.faults.withLock(\.entries).map { entry in
        .fields([
          "id": .integer(entry.id), "kind": .string(entry.fault.kind.rawValue),
          "target": .string(entry.fault.target.rawValue), "hits": .integer(entry.hits),
          "remaining": entry.remaining.map(JSONValue.integer) ?? .null,
        ])
      })
  }

  private func addFault(_ body: Data) -> Answer {
    guard let json = try? JSONValue(parsing: body) else { return wrong(400, "the body is not JSON") }
    do throws(FaultSyntaxError) {
      let fault = try Fault(json)
      let id = state.faults.withLock { $0.add(fault) }
      return Answer(status: 201, json: .fields(["id": .integer(id)]))
    } catch {
      return wrong(400, error.detail)
    }
  }

  private func setLimit(_ body: Data) -> Answer {
    let json = try? JSONValue(parsing: body)
    guard let text = json?["limit"]?.text, let limit = RateLimit(text) else {
      return wrong(400, "send {\"limit\":\"30/10s\"}; fixed:30/10s for a fixed window")
    }
    state.gate.withLock { $0 = RateGate(limit) }
    return done()
  }

  private func done() -> Answer { Answer(status: 200, json: .fields(["ok": true])) }
  private func counted(_ count: Int) -> Answer { Answer(status: 200, json: .fields(["tokens": .integer(count)])) }
  private func wrong(_ status: Int, _ detail: String) -> Answer {
    Answer(status: status, json: .fields(["error": .string(detail)]))
  }
}
