import Foundation
import FoundationNetworking

@testable import OCRSandbox

/// What a call came back with.
struct Reply {
  var status: Int
  var headers: [String: String]
  var body: Data

  var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
  /// The code of a refusal in any of the three envelopes.
  var code: String? {
    json["error_code"]?.text ?? json["error"]?["code"]?.wholeNumber.map(String.init) ?? json["error"]?["code"]?.text
  }
}

/// Talks to a sandbox as any client would.
struct SandboxClient: Sendable {
  let base: String
  var projectID = Account.defaultProjectID

  func send(
    _ method: String, _ path: String, headers: [String: String] = [:], body: Data? = nil
  ) async throws -> Reply {
    guard let url = URL(string: base + path) else { throw URLError(.badURL) }
    var request = URLRequest(url: url)
    request.httpMethod = method
    request.httpBody = body
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let session = URLSession(configuration: .ephemeral)
    defer { session.finishTasksAndInvalidate() }
    let (data, response) = try await session.data(for: request)
    guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
    var answered: [String: String] = [:]
    for (name, value) in response.allHeaderFields {
      if let name = name as? String, let value = value as? String { answered[name.lowercased()] = value }
    }
    return Reply(status: response.statusCode, headers: answered, body: data)
  }

  /// A password login; `scope` is JSON text.
  func login(
    user: String = "demo", password: String = "demo-password", domain: String = "demo",
    scope: String? = #"{"project":{"name":"cn-north-4"}}"#
  ) async throws -> Reply {
    let scopeText = scope.map { #","scope":"# + $0 } ?? ""
    return try await login(
      body: """
        {"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"\(user)","password":"\(password)",\
        "domain":{"name":"\(domain)"}}}}\(scopeText)}}
        """)
  }

  func login(body: String) async throws -> Reply {
    try await send(
      "POST", "/v3/auth/tokens?nocatalog=true", headers: ["Content-Type": "application/json;charset=utf8"],
      body: Data(body.utf8))
  }

  func token() async throws -> String { try await login().headers["x-subject-token"] ?? "" }

  func ocr(
    _ api: String, _ body: String, token: String?, contentType: String? = "application/json",
    headers: [String: String] = [:]
  ) async throws -> Reply {
    var headers = headers
    headers["Content-Type"] = contentType
    headers["X-Auth-Token"] = token
    return try await send("POST", "/v2/\(projectID)/ocr/\(api)", headers: headers, body: Data(body.utf8))
  }

  @discardableResult
  func fault(_ json: String) async throws -> Reply { try await send("POST", "/sandbox/faults", body: Data(json.utf8)) }

  func summary() async throws -> JSONValue { try await send("GET", "/sandbox/ledger/summary").json }

  func ledger() async throws -> [JSONValue] {
    let text = String(decoding: try await send("GET", "/sandbox/ledger").body, as: UTF8.self)
    return try text.split(separator: "\n").map { try JSONValue(parsing: Data($0.utf8)) }
  }
}

/// Starts an instant sandbox on a free port, runs the body, and stops it again.
func withSandbox<Value>(
  _ change: (inout SandboxConfiguration) -> Void = { _ in },
  _ body: (SandboxClient, SandboxServer) async throws -> Value
) async throws -> Value {
  var configuration = SandboxConfiguration()
  configuration.isInstant = true
  change(&configuration)
  let server = try await SandboxServer(configuration)
  do {
    let value = try await body(SandboxClient(base: server.baseURL), server)
    await server.stop()
    return value
  } catch {
    await server.stop()
    throw error
  }
}
