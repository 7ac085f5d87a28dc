import Foundation
import Testing

@testable import OCRSandbox

@Suite struct FaultTests {
  /// Runs calls against an instant sandbox with a token at hand.
  private func withToken(_ body: (SandboxClient, String) async throws -> Void) async throws {
    try await withSandbox { client, _ in try await body(client, try await client.token()) }
  }

  @Test func aStatusFaultHitsTheNextCallsAndThenEnds() async throws {
    try await withToken { client, token in
      try await client.fault(
        #"{"kind":"status","status":503,"code":"ModelArts.4403","message":"gone","times":2,"headers":{"Retry-After":"7"}}"#
      )
      for _ in 0..<2 {
        let reply = try await client.ocr("general-text", Pictures.image, token: token)
        #expect(reply.status == 503)
        #expect(reply.code == "ModelArts.4403")
        #expect(reply.json["error_msg"] == "gone")
        #expect(reply.json["request_id"] == nil)
        #expect(reply.headers["retry-after"] == "7")
      }
      #expect(try await client.ocr("general-text", Pictures.image, token: token).status == 200)
      let summary = try await client.summary()
      #expect(summary["fault"]?["status"] == 2)
      #expect(summary["billed"] == 1)
    }
  }

  @Test func gatewayCodesComeInTheGatewaysEnvelope() async throws {
    try await withToken { client, token in
      try await client.fault(
        #"{"kind":"status","status":502,"code":"APIG.0201","message":"Backend unavailable.","times":1}"#)
      let reply = try await client.ocr("general-text", Pictures.image, token: token)
      #expect(reply.status == 502)
      #expect(reply.json["request_id"]?.text == reply.headers["x-request-id"])
    }
  }

  @Test func throttlingSpeaksTheGatewaysText() async throws {
    try await withToken { client, token in
      try await client.fault(#"{"kind":"throttle","limit":5,"window_s":60,"policy":"ip","times":1}"#)
      let reply = try await client.ocr("general-text", Pictures.image, token: token)
      #expect(reply.status == 429)
      #expect(reply.code == "APIG.0308")
      #expect(
        reply.json["error_msg"]
          == "The throttling threshold has been reached: policy ip over ratelimit,limit:5,time:1 minute.")
    }
  }

  @Test(arguments: [("invalid_json", "application/json"), ("html", "text/html")])
  func bodiesThatAreNoAnswer(kind: String, contentType: String) async throws {
    try await withToken { client, token in
      try await client.fault(#"{"kind":"\#(kind)","times":1}"#)
      let reply = try await client.ocr("general-text", Pictures.image, token: token)
      #expect(reply.status == 200)
      #expect(reply.headers["content-type"] == contentType)
      #expect(reply.json == .null)
    }
  }

  @Test func aDelayStillAnswers() async throws {
    try await withToken { client, token in
      try await client.fault(#"{"kind":"delay","delay_ms":20,"times":1}"#)
      #expect(try await client.ocr("general-text", Pictures.image, token: token).status == 200)
      #expect(try await client.summary()["fault"]?["delay"] == 1)
    }
  }

  @Test(arguments: [("expire_token", "APIG.0301"), ("revoke_token", "APIG.0307")])
  func tokensAreSpoiltUnderWay(kind: String, code: String) async throws {
    try await withToken { client, token in
      try await client.fault(#"{"kind":"\#(kind)","times":1}"#)
      #expect(try await client.ocr("general-text", Pictures.image, token: token).code == code)
      #expect(try await client.ocr("general-text", Pictures.image, token: token).code == code)
      #expect(try await client.ocr("general-text", Pictures.image, token: client.token()).status == 200)
    }
  }

  @Test(arguments: [false, true])
  func aResetReachesThePeerAsOne(executed: Bool) async throws {
    try await withToken { client, token in
      try await client.fault(#"{"kind":"reset","when":"\#(executed ? "after" : "before")","times":1}"#)
      let end = try await RawConnection(client).call(token: token)
      #expect(end.errorNumber == ECONNRESET)
      #expect(end.bytes.isEmpty)
      #expect(try await client.summary()["billed"] == .integer(executed ? 1 : 0))
    }
  }

  @Test func aTruncatedAnswerEndsEarly() async throws {
    try await withToken { client, token in
      try await client.fault(#"{"kind":"truncate","times":1}"#)
      let end = try await RawConnection(client).call(token: token)
      let text = String(decoding: end.bytes, as: UTF8.self)
      let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
      try #require(parts.count == 2)
      let announced = parts[0].split(separator: "\r\n").compactMap { line -> Int? in
        line.lowercased().hasPrefix("content-length:") ? Int(line.split(separator: " ")[1]) : nil
      }
      #expect(announced.count == 1)
      #expect(parts[1].utf8.count > 0)
      #expect(parts[1].utf8.count < announced[0])
      #expect(try await client.summary()["billed"] == 1)
    }
  }

  @Test func aHangingCallIsLetGoWhenTheFaultsAreDeleted() async throws {
    try await withToken { client, token in
      try await client.fault(#"{"kind":"hang","times":1}"#)
      let connection = RawConnection(client)
      async let end = connection.call(token: token)
      try await waitForHit(client)
      _ = try await client.send("DELETE", "/sandbox/faults")
      #expect(try await end.bytes.isEmpty)
    }
  }

  @Test func aHangingCallEndsWhenThePeerLeaves() async throws {
    try await withToken { client, token in
      try await client.fault(#"{"kind":"hang","times":1}"#)
      let connection = RawConnection(client)
      try await connection.sendOnly(token: token)
      try await waitForHit(client)
      await connection.close()
      while try await client.summary()["fault"]?["hang"] != 1 { try Task.checkCancellation() }
    }
  }

  @Test func aHangingCallDoesNotKeepTheServerFromStopping() async throws {
    try await withSandbox { client, server in
      let token = try await client.token()
      try await client.fault(#"{"kind":"hang"}"#)
      async let end = RawConnection(client).call(token: token)
      try await waitForHit(client)
      await server.stop()
      #expect(try await end.bytes.isEmpty)
    }
  }

  @Test func faultsKeepToTheirAPIAndTheirService() async throws {
    try await withToken { client, token in
      try await client.fault(#"{"kind":"status","status":500,"api":"id-card"}"#)
      try await client.fault(
        #"{"kind":"status","status":503,"target":"iam","message":"Service Unavailable","times":1}"#)
      #expect(try await client.ocr("general-text", Pictures.image, token: token).status == 200)
      #expect(try await client.ocr("id-card", Pictures.image, token: token).status == 500)
      let login = try await client.login()
      #expect(login.status == 503)
      #expect(login.json["error"]?["message"] == "Service Unavailable")
      #expect(try await client.login().status == 201)
      _ = try await client.send("DELETE", "/sandbox/faults")
      #expect(try await client.ocr("id-card", Pictures.image, token: token).status == 200)
    }
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"kind":"nonsense"}"#, #"{"kind":"status","times":0}"#, #"{"kind":"status","share":1.5}"#,
    #"{"kind":"status","sattus":503}"#, #"{"kind":"status","status":"503"}"#, #"{"kind":"delay","delay_ms":-1}"#,
  ])
  func aFaultWithATypoIsRefused(json: String) async throws {
    let status = try await withSandbox { client, _ in try await client.fault(json).status }
    #expect(status == 400)
  }

  @Test func aShareIsTheSameShareInEveryRun() {
    func pattern(_ seed: UInt64) -> [Bool] {
      var plan = FaultPlan()
      var fault = Fault(kind: .reset)
      fault.share = 0.3
      fault.seed = seed
      _ = plan.add(fault)
      return (0..<1000).map { _ in !plan.strike(target: .ocr, api: "id-card").isEmpty }
    }
    #expect(pattern(7) == pattern(7))
    #expect(pattern(7) != pattern(8))
    #expect((250...350).contains(pattern(7).count { $0 }))
  }

  /// Asks until a call has run into the fault; each round is a call over the network.
  private func waitForHit(_ client: SandboxClient) async throws {
    while try await client.send("GET", "/sandbox/faults").json.elements?.first?["hits"] != 1 {
      try Task.checkCancellation()
    }
  }
}
