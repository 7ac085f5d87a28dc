import AMQP
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// Tokens: one login for everybody, renewed in time, and no login that could lock the account.
  @Suite struct TokenTests {
    @Test func revokedTokenCostsOneLoginForAll() async throws {
      let stage = try await Stage.make()
      let mailbox = try await stage.mailbox()
      #expect(try await Request.picture().ask(mailbox).properties.type == MessageType.result)
      // The token is checked after the delay, so it is revoked while all of them are in flight.
      try await stage.sandbox.add(fault: #"{"kind":"delay","delay_ms":1500,"times":20}"#)
      let requests = (0..<20).map { _ in Request.picture() }
      for request in requests { try await request.send(by: mailbox, to: await mailbox.queue) }
      try await stage.sandbox.revokeTokens()
      for request in requests {
        let reply = await mailbox.reply(to: request.id)
        #expect(reply.properties.type == MessageType.result)
        #expect(reply.headers.integer("ocr-attempts") == 1)
      }
      #expect(try await stage.sandbox.logins().map(\.outcome) == ["ok", "ok"])
      let calls = try await stage.sandbox.calls(of: "general-text")
      #expect(calls.filter { $0.outcome == "ok" }.count == 21)
      #expect(calls.filter { $0.status == 401 }.count <= 20)
      #expect(calls.contains { $0.status == 401 })
    }

    @Test func expiringTokensAreRenewedBeforeTheyEnd() async throws {
      let stage = try await Stage.make(sandbox: ["--instant", "--token-lifetime-seconds", "6"])
      let mailbox = try await stage.mailbox()
      while try await stage.sandbox.logins().count < 3 {
        #expect(try await Request.picture().ask(mailbox).properties.type == MessageType.result)
      }
      let calls = try await stage.sandbox.calls()
      #expect(calls.allSatisfy { $0.outcome == "ok" })
      #expect(Set(calls.filter { $0.api != "iam" }.map(\.token)).count >= 2)
    }

    @Test func wrongPasswordLeavesRequestsInTheQueue() async throws {
      let stage = try await Stage.make(relay: ["AUTH_PASSWORD": "not-the-password"], isReady: false)
      let line = try await stage.relay.log("cannot get a token")
      #expect(line.contains("OCR_AUTH_MISCONFIGURED"))
      #expect(line.contains("advice="))
      try await stage.relay.log("requests wait in the queue")
      let mailbox = try await stage.mailbox()
      for _ in 0..<5 { try await Request.picture().send(by: mailbox, to: await mailbox.queue) }
      #expect(try await stage.waiting(in: QueueName.requests) == 5)
      #expect(try await stage.sandbox.calls().map(\.api) == ["iam"])
      #expect(await mailbox.waiting.isEmpty)
      #expect(!stage.relay.process.errors.contains("not-the-password"))
      #expect(await stage.relay.process.terminate() == .code(0))
    }
  }
}
