import Foundation
import FoundationNetworking
import TestSupport

/// An `ocr-sandbox` of its own: Huawei Cloud OCR and IAM on one port.
final class Sandbox: Sendable {
  /// One call as its ledger remembers it.
  struct Call: Decodable, Sendable {
    var api: String
    var outcome: String
    var status: Int
    var image_sha256: String?
    var traceparent: String?
    var token: String?
  }

  let url: String
  let process: ChildProcess
  static let password = "a-password-of-tests"
  static let project = "0123456789abcdef0123456789abcdef"

  private init(url: String, process: ChildProcess) {
    self.url = url
    self.process = process
  }

  deinit { process.send(signal: SIGKILL) }

  /// Starts it; it answers without reading the pictures unless told otherwise.
  static func start(_ arguments: [String] = ["--instant"], port: Int = 0) async throws -> Sandbox {
    var environment = ProcessInfo.processInfo.environment
    environment["SANDBOX_USERNAME"] = "tester"
    environment["SANDBOX_PASSWORD"] = password
    environment["SANDBOX_DOMAIN_NAME"] = "test-company"
    let process = try await ChildProcess.start(
      Programs.sandbox, ["--listen", "127.0.0.1:\(port)", "--project-id", project] + arguments,
      environment: environment)
    let line = try await process.waitForLine(containing: "listening on http")
    return Sandbox(url: String(line.split(separator: " ").last ?? ""), process: process)
  }

  /// Asks for something to go wrong; `fault` is JSON.
  func add(fault: String) async throws { _ = try await send("POST", "/sandbox/faults", body: Data(fault.utf8)) }

  func removeFaults() async throws { _ = try await send("DELETE", "/sandbox/faults") }

  func revokeTokens() async throws { _ = try await send("POST", "/sandbox/tokens/revoke") }

  /// All calls so far, in the order in which they ended.
  func calls() async throws -> [Call] {
    let lines = try await send("GET", "/sandbox/ledger").body.split(separator: UInt8(ascii: "\n"))
    return try lines.map { try JSONDecoder().decode(Call.self, from: Data($0)) }
  }

  /// Logins so far.
  func logins() async throws -> [Call] { try await calls().filter { $0.api == "iam" } }

  /// OCR calls of an API so far.
  func calls(of api: String) async throws -> [Call] { try await calls().filter { $0.api == api } }

  /// What the OCR service itself answers to a request, without a relay between.
  func answer(_ api: String, _ body: [UInt8]) async throws -> [UInt8] {
    let login = """
      {"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"tester","password":"\(Self.password)",\
      "domain":{"name":"test-company"}}}},"scope":{"project":{"name":"cn-north-4"}}}}
      """
    let token = try await send("POST", "/v3/auth/tokens", body: Data(login.utf8)).token ?? ""
    let path = "/v2/\(Self.project)/ocr/\(api)"
    return Array(try await send("POST", path, body: Data(body), headers: ["X-Auth-Token": token]).body)
  }

  private func send(
    _ method: String, _ path: String, body: Data? = nil, headers: [String: String] = [:]
  ) async throws -> (body: Data, token: String?) {
    guard let address = URL(string: url + path) else { throw URLError(.badURL) }
    var request = URLRequest(url: address)
    request.httpMethod = method
    request.httpBody = body
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let session = URLSession(configuration: .ephemeral)
    defer { session.finishTasksAndInvalidate() }
    let (data, response) = try await session.data(for: request)
    guard let response = response as? HTTPURLResponse, response.statusCode < 300 else {
      throw TestFailure("\(method) \(path): \(String(decoding: data, as: UTF8.self))")
    }
    return (data, response.value(forHTTPHeaderField: "X-Subject-Token"))
  }
}
