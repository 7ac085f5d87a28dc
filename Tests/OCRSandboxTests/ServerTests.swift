import Foundation
import Testing

@testable import OCRSandbox

@Suite struct ServerTests {
  @Test func aTakenPortIsNamed() async throws {
    try await withSandbox { _, server in
      var configuration = SandboxConfiguration()
      configuration.isInstant = true
      configuration.port = server.port
      let error = await #expect(throws: SandboxStartError.self) { try await SandboxServer(configuration) }
      #expect(error?.description.contains("127.0.0.1:\(server.port) is taken") == true)
    }
  }

  @Test func aServerThatStoppedFreesItsPort() async throws {
    // Another program may take the port between stop and start, so several have their chance.
    var refusals: [SandboxStartError] = []
    for _ in 1...5 {
      let port = try await withSandbox { _, server in server.port }
      do {
        try await withSandbox {
          $0.port = port
        } _: { client, _ in
          let reply = try await client.login()
          #expect(reply.status == 201)
        }
        return
      } catch let error as SandboxStartError {
        refusals.append(error)
      }
    }
    Issue.record("no port was free again: \(refusals)")
  }

  @Test func atMostSoManyCallsRunAtOnce() async throws {
    try await withSandbox {
      $0.concurrencyLimit = 1
    } _: { client, _ in
      let token = try await client.token()
      try await client.fault(#"{"kind":"hang","times":1}"#)
      async let hanging = RawConnection(client).call(token: token)
      while try await client.send("GET", "/sandbox/faults").json.elements?.first?["hits"] != 1 {
        try Task.checkCancellation()
      }
      // The hit is counted a moment before the call enters; the refusal shows once it has.
      var reply = try await client.ocr("general-text", Pictures.image, token: token)
      while reply.status == 200 { reply = try await client.ocr("general-text", Pictures.image, token: token) }
      #expect(reply.status == 429)
      #expect(reply.code == "ModelArts.4401")
      _ = try await client.send("DELETE", "/sandbox/faults")
      _ = try await hanging
    }
  }

  @Test func unknownControlEndpointsAreNamed() async throws {
    try await withSandbox { client, _ in
      let unknown = try await client.send("GET", "/sandbox/nothing")
      #expect(unknown.status == 404)
      #expect(try await client.send("GET", "/sandbox/health").status == 200)
    }
  }

  @Test func theListNamesAllAPIs() throws {
    let lines = try SandboxListing.text().split(separator: "\n")
    #expect(lines.count == 52)
    for api in ["quota-invoice", "vat-invoice", "id-card", "bankcard", "train-ticket", "business-license"] {
      #expect(lines.contains { $0.hasPrefix(api + " ") && $0.contains("fields:") })
    }
    for api in ["general-text", "web-image"] {
      #expect(lines.contains { $0.hasPrefix(api + " ") && $0.contains("text:") })
    }
  }
}
