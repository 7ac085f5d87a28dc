import AMQP
import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// Secrets of a run are seen nowhere. The long form, with every store and with wrong credentials, is `make canary`.
  @Suite struct CanaryTests {
    private static let redisPassword = "canary-of-redis-7f3a91"
    private static let sealKey = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
    private static let brokerPassword = "canary-of-the-broker-55c0de"
    private static let secrets = [
      Sandbox.password, "sandbox-secret-key", "SANDBOXACCESSKEY0001", "sandbox-app-secret", "sk-sandbox",
      redisPassword, sealKey, brokerPassword,
    ]
    private static let kinds: [[String: String]] = [
      ["AUTH_KIND": "iam_password"],
      ["AUTH_KIND": "ak_sk", "AUTH_ACCESS_KEY": "SANDBOXACCESSKEY0001", "AUTH_SECRET_KEY": "sandbox-secret-key"],
      ["AUTH_KIND": "app_secret", "AUTH_APP_ID": "sandbox-app", "AUTH_APP_SECRET": "sandbox-app-secret"],
      ["AUTH_KIND": "bearer", "AUTH_BEARER_KEY": "sk-sandbox"],
    ]

    @Test(arguments: kinds)
    func secretsAreSeenNowhere(_ kind: [String: String]) async throws {
      let folder = try TemporaryDirectory()
      let redis = try await PrivateRedis.start(["--requirepass", Self.redisPassword, "--rdbcompression", "no"])
      let broker = try await PrivateBroker.shared()
      let plain = try await broker.makeVirtualHost()
      let url = try await Self.withUser(plain, broker)
      let sandbox = try await Sandbox.start()
      let settings = [
        "AUTH_STORE": "redis", "RESULTS_KIND": "redis", "REDIS_URL": redis.url, "REDIS_BUDGET_MS": "500",
        "REDIS_PASSWORD": Self.redisPassword, "SEAL_KEY": Self.sealKey, "LOG_LEVEL": "debug",
        "BACKEND_PROJECT_ID": Sandbox.project,
      ].merging(kind) { $1 }.merging(HealthProbe.setting) { $1 }
      let relay = try await RelayProcess.start(RelayProcess.settings(amqp: url, sandbox: sandbox.url, settings))
      try await relay.log("Redis can be used")
      let mailbox = try await Mailbox.open(plain, .ownQueue)
      var answers = [try await Request.picture().ask(mailbox)]
      try await sandbox.revokeTokens()
      answers.append(try await Request.picture().ask(mailbox))
      #expect(answers.allSatisfy { $0.properties.type == MessageType.result })
      let damaged = Request(api: "general-text", body: [1, 2, 3], contentType: "image/png")
      let refusal = try await damaged.ask(mailbox)
      let problem = try JSONSerialization.jsonObject(with: Data(refusal.body)) as? [String: Any]
      let dead = try await Mailbox.open(plain, .queue(#require(problem?["dead_letter"] as? String)))
      answers += [refusal, await dead.message()]

      var places = answers.map { "\($0.properties) \(String(decoding: $0.headers.bytes + $0.body, as: UTF8.self))" }
      let probe = try await HealthProbe(of: relay)
      for path in ["/metrics", "/livez", "/readyz", "/consumingz"] { places.append(try await probe.get(path).text) }
      let dump = folder.path("dump.rdb")
      try await redis.control("-a", Self.redisPassword, "--rdb", dump)
      let kept = try Data(contentsOf: URL(filePath: dump))
      #expect(kept.count > 300, "there is something to look at")
      places.append(String(decoding: kept, as: UTF8.self))
      places.append(try String(contentsOfFile: "/proc/\(relay.process.pid)/cmdline", encoding: .utf8))
      #expect(await relay.process.terminate() == .code(0))
      let log = relay.process.errors + relay.process.output
      places.append(log)
      for (index, place) in places.enumerated() {
        for secret in Self.secrets { #expect(!place.contains(secret), "\(secret) is seen in place \(index)") }
      }
      // Tokens are new in each run; nothing else in a log is that long.
      #expect(log.firstMatch(of: /[A-Za-z0-9+\/=_-]{200}/) == nil)
      #expect(sandbox.process.exit == nil)
    }

    private static func withUser(_ url: String, _ broker: PrivateBroker) async throws -> String {
      let name = try #require(url.split(separator: "/").last.map(String.init))
      try await broker.control("add_user", name, brokerPassword)
      try await broker.control("set_permissions", "-p", name, name, ".*", ".*", ".*")
      return url.replacing("guest:guest@", with: "\(name):\(brokerPassword)@")
    }
  }
}
