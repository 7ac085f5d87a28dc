import Foundation
import Testing

@testable import OCRSandbox

/// Logins of applications, and keys of gateways.
@Suite struct ApplicationTests {
  private func login(_ client: SandboxClient, secret: String = "sandbox-app-secret") async throws -> Reply {
    try await client.send(
      "POST", "/iocm/app/sec/v1.1.0/login", headers: ["Content-Type": "application/x-www-form-urlencoded"],
      body: Data("appId=sandbox-app&secret=\(secret)".utf8))
  }

  private func refresh(_ client: SandboxClient, _ text: String) async throws -> Reply {
    let body = #"{"appId":"sandbox-app","secret":"sandbox-app-secret","refreshToken":"\#(text)"}"#
    return try await client.send("POST", "/iocm/app/sec/v1.1.0/refreshToken", body: Data(body.utf8))
  }

  private func call(_ client: SandboxClient, bearer: String, application: String? = "sandbox-app") async throws -> Reply
  {
    var headers = ["Authorization": "Bearer " + bearer]
    headers["app_key"] = application
    return try await client.ocr("general-text", Pictures.image, token: nil, headers: headers)
  }

  @Test func onlyTheLastTokenIsValid() async throws {
    try await withSandbox { client, _ in
      let first = try await login(client).json
      #expect(first["tokenType"] == "bearer" && first["expiresIn"] == 86_400)
      let old = try #require(first["accessToken"]?.text)
      #expect(try await call(client, bearer: old).status == 200)
      let second = try await refresh(client, first["refreshToken"]?.text ?? "")
      let new = try #require(second.json["accessToken"]?.text)
      let refused = try await call(client, bearer: old)
      #expect(refused.status == 401 && refused.code == "100002")
      #expect(try await call(client, bearer: new).status == 200)
      #expect(try await refresh(client, first["refreshToken"]?.text ?? "").code == "100006")
      _ = try await client.send("POST", "/sandbox/tokens/revoke")
      #expect(try await call(client, bearer: new).code == "100002")
    }
  }

  @Test func wrongSecretsAreRefused() async throws {
    try await withSandbox { client, _ in
      let wrong = try await login(client, secret: "other")
      #expect(wrong.status == 401 && wrong.code == "100208")
      let empty = try await login(client, secret: "")
      #expect(empty.status == 400 && empty.code == "102202")
    }
  }

  @Test func bearerKeysAreRefusedInTheGatewaysEnvelope() async throws {
    try await withSandbox { client, _ in
      #expect(try await call(client, bearer: "sk-sandbox", application: nil).status == 200)
      let refused = try await call(client, bearer: "sk-other", application: nil)
      #expect(refused.status == 401 && refused.json["error"]?["type"] == "new_api_error")
      let id = try #require(refused.headers["x-request-id"])
      #expect(refused.json["error"]?["message"]?.text == "无效的令牌 (request id: \(id))")
    }
  }
}
