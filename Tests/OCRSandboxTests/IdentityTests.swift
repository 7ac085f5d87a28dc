import Foundation
import Testing

@testable import OCRSandbox

@Suite struct IdentityTests {
  @Test func aLoginGivesATokenOfRealisticForm() async throws {
    try await withSandbox { client, _ in
      let reply = try await client.login()
      let token = try #require(reply.headers["x-subject-token"])
      #expect(reply.status == 201)
      #expect(token.hasPrefix("MII"))
      #expect((3000...5120).contains(token.utf8.count))
      #expect(token.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-=".contains($0)) })
      let second = try await client.token()
      #expect(second != token)
      let body = reply.json["token"]
      #expect(body?["project"]?["id"] == .string(Account.defaultProjectID))
      #expect(body?["project"]?["name"] == "cn-north-4")
      #expect(body?["methods"] == ["password"])
      #expect(body?["user"]?["domain"]?["name"] == "demo")
      #expect(reply.headers["x-request-id"]?.count == 32)
    }
  }

  @Test func theTimesOfATokenAreWrittenLikeTheServiceDoes() async throws {
    let clock = ManualClock(1_767_258_322.701)
    try await withSandbox {
      $0.now = { clock.now }
      $0.tokenLifetimeSeconds = 60
    } _: { client, _ in
      let body = try await client.login().json["token"]
      #expect(body?["issued_at"] == "2026-01-01T09:05:22.701000Z")
      #expect(body?["expires_at"] == "2026-01-01T09:06:22.701000Z")
    }
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"auth":{}}"#, #"{"auth":{"identity":{"methods":["token"]}}}"#,
    #"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"demo","password":"demo-password"}}}}}"#,
    #"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"demo","password":1,"domain":{"name":"demo"}}}}}}"#,
    #"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"demo","password":"x","domain":{"name":"demo"}}}},"scope":{"project":{}}}}"#,
    #"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"demo","password":"x","domain":{"name":"demo"}}}},"scope":{}}}"#,
  ])
  func aBodyThatIsNoPasswordLoginIsRefused(body: String) async throws {
    try await withSandbox { client, _ in
      let reply = try await client.login(body: body)
      #expect(reply.status == 400)
      #expect(reply.json["error"]?["message"] == "The request body is invalid")
    }
  }

  @Test func fiveWrongPasswordsLockTheAccountForAQuarterOfAnHour() async throws {
    let clock = ManualClock()
    try await withSandbox {
      $0.now = { clock.now }
    } _: { client, _ in
      for _ in 0..<5 {
        let reply = try await client.login(password: "wrong")
        #expect(reply.status == 401)
        #expect(reply.json["error"]?["message"] == "The username or password is wrong.")
        #expect(reply.json["error"]?["code"] == 401)
        #expect(reply.json["error"]?["title"] == "Unauthorized")
      }
      let locked = try await client.login()
      #expect(locked.status == 401)
      #expect(locked.json["error"]?["message"] == "The account is locked.")
      clock.advance(899)
      #expect(try await client.login().status == 401)
      clock.advance(2)
      #expect(try await client.login().status == 201)
    }
  }

  @Test func failuresFarApartDoNotLock() async throws {
    let clock = ManualClock()
    try await withSandbox {
      $0.now = { clock.now }
    } _: { client, _ in
      for _ in 0..<8 {
        let refused = try await client.login(password: "wrong")
        #expect(refused.status == 401)
        clock.advance(300)
      }
      #expect(try await client.login().status == 201)
    }
  }

  @Test func unlockingForgetsTheFailures() async throws {
    try await withSandbox { client, _ in
      for _ in 0..<5 { _ = try await client.login(password: "wrong") }
      #expect(try await client.send("POST", "/sandbox/accounts/unlock").status == 200)
      #expect(try await client.login().status == 201)
    }
  }

  @Test(arguments: [
    (#"{"project":{"name":"eu-west-9"}}"#, 400), (#"{"project":{"id":"ffffffffffffffffffffffffffffffff"}}"#, 400),
    (#"{"project":{"id":"\#(Account.defaultProjectID)"}}"#, 201), (#"{"domain":{"name":"demo"}}"#, 201),
  ])
  func scopesAreChecked(scope: String, status: Int) async throws {
    try await withSandbox { client, _ in
      let reply = try await client.login(scope: scope)
      #expect(reply.status == status)
    }
  }

  @Test func aTokenCanBeChecked() async throws {
    try await withSandbox { client, _ in
      let token = try await client.token()
      for method in ["GET", "HEAD"] {
        let reply = try await client.send(
          method, "/v3/auth/tokens", headers: ["X-Auth-Token": token, "X-Subject-Token": token])
        #expect(reply.status == 200)
      }
      let unknown = try await client.send(
        "GET", "/v3/auth/tokens", headers: ["X-Auth-Token": token, "X-Subject-Token": "MIInope"])
      #expect(unknown.status == 404)
      let nobody = try await client.send("GET", "/v3/auth/tokens", headers: ["X-Subject-Token": token])
      #expect(nobody.status == 401)
    }
  }

  @Test func projectsAreFoundByName() async throws {
    try await withSandbox { client, _ in
      let headers = ["X-Auth-Token": try await client.token()]
      let found = try await client.send("GET", "/v3/projects?name=cn-north-4", headers: headers)
      #expect(found.json["projects"]?.elements?.first?["id"] == .string(Account.defaultProjectID))
      let none = try await client.send("GET", "/v3/projects?name=elsewhere", headers: headers)
      #expect(none.json["projects"] == [])
      #expect(try await client.send("GET", "/v3/projects").status == 401)
    }
  }

  @Test func largeBodiesAndWrongPathsAreRefused() async throws {
    try await withSandbox { client, _ in
      let large = try await client.login(body: #"{"auth":""# + String(repeating: "a", count: 33_000) + #""}"#)
      #expect(large.code == "IAM.1101")
      let wrong = try await client.send("POST", "/v3/auth/token")
      #expect(wrong.status == 404)
      #expect(wrong.code == "APIGW.0101")
    }
  }
}
