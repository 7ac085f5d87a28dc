import AMQP
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// Relays that share their state through a Redis of their own.
  @Suite struct SharedStateTests {
    private static let key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

    private static func settings(_ redis: PrivateRedis) -> [String: String] {
      ["RESULTS_KIND": "redis", "REDIS_URL": redis.url, "SEAL_KEY": key, "REDIS_BUDGET_MS": "500"]
    }

    @Test func aRequestThatComesAgainToAnotherRelayIsNotPaidAgain() async throws {
      let redis = try await PrivateRedis.start()
      let stage = try await Stage.make(relay: Self.settings(redis))
      try await stage.relay.log("Redis can be used")
      let mailbox = try await stage.mailbox()
      let request = Request.picture()
      let first = try await request.ask(mailbox)
      #expect(first.properties.type == MessageType.result)
      #expect(await stage.relay.process.terminate() == .code(0))
      let settings = RelayProcess.settings(amqp: stage.url, sandbox: stage.sandbox.url, Self.settings(redis))
      let other = try await RelayProcess.start(settings)
      try await other.log("Redis can be used")
      let again = try await request.ask(mailbox)
      #expect(again.body == first.body && again.properties.messageID == first.properties.messageID)
      #expect(try await stage.sandbox.calls(of: "general-text").count == 1)
      #expect(await other.process.terminate() == .code(0))
    }

    @Test(arguments: ["redis", "file"])
    func twoRelaysShareOneLoginAndItsEnd(_ store: String) async throws {
      let redis = try await PrivateRedis.start()
      let folder = try TemporaryDirectory()
      let settings = Self.settings(redis).merging(["AUTH_STORE": store, "AUTH_STORE_FOLDER": folder.path]) { $1 }
      let stage = try await Stage.make(relay: settings)
      let other = try await RelayProcess.start(
        RelayProcess.settings(amqp: stage.url, sandbox: stage.sandbox.url, settings))
      let mailbox = try await stage.mailbox()
      for revokes in [false, true] {
        if revokes { try await stage.sandbox.revokeTokens() }
        let requests = (0..<40).map { _ in Request.picture() }
        for request in requests { try await request.send(by: mailbox, to: await mailbox.queue) }
        for request in requests {
          #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
        }
        #expect(try await stage.sandbox.logins().map(\.outcome) == (revokes ? ["ok", "ok"] : ["ok"]))
      }
      for relay in [stage.relay, other] { #expect(await relay.process.terminate() == .code(0)) }
      // The next start finds the token.
      let next = try await RelayProcess.start(
        RelayProcess.settings(amqp: stage.url, sandbox: stage.sandbox.url, settings))
      #expect(try await stage.sandbox.logins().count == 2)
      #expect(await next.process.terminate() == .code(0))
    }

    @Test func noRequestFailsWhenRedisDoesAndItIsLoggedOnce() async throws {
      let redis = try await PrivateRedis.start()
      let stage = try await Stage.make(relay: Self.settings(redis))
      try await stage.relay.log("Redis can be used")
      let mailbox = try await stage.mailbox()
      let requests = (0..<200).map { _ in Request.picture() }
      for (position, request) in requests.enumerated() {
        try await request.send(by: mailbox, to: await mailbox.queue)
        if position == 50 { await redis.kill() }
      }
      for request in requests {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      try await stage.relay.log("Redis cannot be used")
      try await redis.start()
      try await stage.relay.log("Redis has lost what was kept in it")
      #expect(stage.relay.lines("Redis cannot be used").count == 1)
      #expect(stage.relay.lines("Redis can be used").count == 2)
      #expect(!stage.relay.process.errors.contains(Self.key))
      #expect(await stage.relay.process.terminate() == .code(0))
    }
  }
}
