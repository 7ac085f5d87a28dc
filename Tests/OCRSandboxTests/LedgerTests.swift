import Foundation
import Testing

@testable import OCRSandbox

@Suite struct LedgerTests {
  @Test func aCallIsRememberedWithoutItsSecrets() async throws {
    try await withSandbox { client, _ in
      let token = try await client.token()
      let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      let reply = try await client.ocr("id-card", Pictures.image, token: token, headers: ["traceparent": trace])
      let entries = try await client.ledger()
      #expect(entries.count == 2)
      let login = entries[0]
      #expect(login["api"] == "iam")
      #expect(login["status"] == 201)
      #expect(login["body_sha256"] == .null)
      let call = entries[1]
      #expect(call["api"] == "id-card")
      #expect(call["outcome"] == "ok")
      #expect(call["billed"] == true)
      #expect(call["traceparent"] == .string(trace))
      #expect(call["token"] == login["token"])
      #expect(call["request_id"]?.text == reply.headers["x-request-id"])
      #expect(call["body_sha256"]?.text == Fingerprint.sha256(Data(Pictures.image.utf8)))
      #expect(call["image_sha256"]?.text == Fingerprint.sha256(Pictures.bmp(100, 120)))
      let text = String(decoding: try await client.send("GET", "/sandbox/ledger").body, as: UTF8.self)
      #expect(!text.contains(token))
      #expect(!text.contains("demo-password"))
    }
  }

  @Test func theLedgerCanBeCleared() async throws {
    try await withSandbox { client, _ in
      _ = try await client.token()
      #expect(try await client.summary()["total"] == 1)
      #expect(try await client.send("DELETE", "/sandbox/ledger").status == 200)
      #expect(try await client.summary()["total"] == 0)
      #expect(try await client.ledger().isEmpty)
    }
  }

  @Test func refusalsAreCountedByCode() async throws {
    try await withSandbox { client, _ in
      _ = try await client.ocr("general-text", Pictures.image, token: nil)
      _ = try await client.ocr("no-such-api", Pictures.image, token: nil)
      let summary = try await client.summary()
      #expect(summary["code"]?["APIG.0301"] == 1)
      #expect(summary["code"]?["APIG.0101"] == 1)
      #expect(summary["outcome"]?["refused"] == 2)
      #expect(summary["billed"] == 0)
    }
  }
}
