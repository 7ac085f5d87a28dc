import Foundation
import Testing

@testable import OCRSandbox

@Suite struct CallerTests {
  private static let other = "11111111111111111111111111111111"

  /// An instant sandbox with a clock of its own and a second account with another project.
  private func withClock(_ body: (SandboxClient, ManualClock) async throws -> Void) async throws {
    let clock = ManualClock()
    try await withSandbox {
      $0.now = { clock.now }
      $0.accounts.append(Account(user: "eve", password: "e", domain: "eve", projectID: Self.other))
    } _: { client, _ in
      try await body(client, clock)
    }
  }

  @Test func callersWithoutAUsableTokenAreRefusedInTheGatewaysWords() async throws {
    try await withClock { client, _ in
      let missing = try await client.ocr("general-text", Pictures.image, token: nil)
      #expect(missing.status == 401)
      #expect(missing.json["error_msg"] == "Incorrect IAM authentication information: x-auth-token not found")
      #expect(missing.json["request_id"]?.text == missing.headers["x-request-id"])
      let strange = try await client.ocr("general-text", Pictures.image, token: "MIIstrange")
      #expect(strange.status == 401)
      #expect(strange.json["error_msg"] == "Incorrect IAM authentication information: decrypt token fail")
      let cut = try await client.ocr("general-text", Pictures.image, token: String(client.token().dropLast()))
      #expect(cut.json["error_msg"] == "Incorrect IAM authentication information: decrypt token fail")
    }
  }

  @Test func tokensExpire() async throws {
    try await withClock { client, clock in
      let token = try await client.token()
      clock.advance(86_399)
      #expect(try await client.ocr("general-text", Pictures.image, token: token).status == 200)
      clock.advance(1)
      let reply = try await client.ocr("general-text", Pictures.image, token: token)
      #expect(reply.status == 401)
      #expect(reply.code == "APIG.0301")
      #expect(reply.json["error_msg"] == "Incorrect IAM authentication information: token expires")
    }
  }

  @Test func tokensCanBeRevokedAndExpiredOnRequest() async throws {
    try await withClock { client, _ in
      let first = try await client.token()
      #expect(try await client.send("POST", "/sandbox/tokens/revoke").json["tokens"] == 1)
      let revoked = try await client.ocr("general-text", Pictures.image, token: first)
      #expect(revoked.status == 401)
      #expect(revoked.code == "APIG.0307")
      let second = try await client.token()
      #expect(try await client.ocr("general-text", Pictures.image, token: second).status == 200)
      #expect(try await client.send("POST", "/sandbox/tokens/expire").status == 200)
      #expect(try await client.ocr("general-text", Pictures.image, token: second).code == "APIG.0301")
    }
  }

  @Test(arguments: [#"{"domain":{"name":"demo"}}"#, nil])
  func tokensWithoutAProjectAreRefused(scope: String?) async throws {
    try await withClock { client, _ in
      let token = try await client.login(scope: scope).headers["x-subject-token"]
      let reply = try await client.ocr("general-text", Pictures.image, token: token)
      #expect(reply.status == 401)
      #expect(reply.code == "ModelArts.0212")
    }
  }

  @Test func theProjectMustBeTheTokens() async throws {
    try await withClock { client, _ in
      let token = try await client.token()
      var elsewhere = client
      elsewhere.projectID = Self.other
      #expect(try await elsewhere.ocr("general-text", Pictures.image, token: token).code == "ModelArts.4203")
      elsewhere.projectID = "22222222222222222222222222222222"
      #expect(try await elsewhere.ocr("general-text", Pictures.image, token: token).code == "APIG.0310")
    }
  }

  @Test func unknownPathsAreNotPublished() async throws {
    try await withClock { client, _ in
      let token = try await client.token()
      #expect(try await client.ocr("no-such-api", Pictures.image, token: token).code == "APIG.0101")
      let path = "/v2/\(client.projectID)/ocr/general-text"
      #expect(try await client.send("GET", path, headers: ["X-Auth-Token": token]).status == 404)
      for path in ["/", "/v1.0/ocr/general-text", "/v2//ocr", "\(path)/", "/v2/\(client.projectID)/ocr"] {
        let reply = try await client.send("POST", path, headers: ["X-Auth-Token": token], body: Data("{}".utf8))
        #expect(reply.status == 404)
        #expect(reply.code == "APIG.0101")
      }
    }
  }

  @Test func whatIsTooLargeForTheGatewayIsRefused() async throws {
    try await withClock { client, _ in
      let token = try await client.token()
      let body = try await client.ocr("general-text", String(repeating: " ", count: 12 * 1024 * 1024 + 1), token: token)
      #expect(body.status == 413)
      #expect(body.code == "APIG.0201")
      let uri = try await client.send("GET", "/" + String(repeating: "a", count: 33_000))
      #expect(uri.status == 414)
      let header = try await client.ocr("general-text", "{}", token: String(repeating: "a", count: 33_000))
      #expect(header.status == 494)
    }
  }
}
