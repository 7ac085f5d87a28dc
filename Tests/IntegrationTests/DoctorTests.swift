import AMQP
import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// `ocr-relay doctor` and `ocr-relay topology` against real brokers.
  @Suite struct DoctorTests {
    private struct Finding: Decodable { var area, check, level, detail: String, advice: String? }
    private struct Report: Decodable {
      var healthy: Bool
      var findings: [Finding]

      func finding(_ check: String) -> Finding? { findings.first { $0.check == check } }
    }

    private let broker: PrivateBroker
    private let url: String
    private let sandbox: Sandbox

    init() async throws {
      broker = try await PrivateBroker.shared()
      url = try await broker.makeVirtualHost()
      sandbox = try await Sandbox.start()
    }

    private var virtualHost: String { String(url.split(separator: "/").last ?? "") }

    private func run(
      _ arguments: [String], _ more: [String: String] = [:]
    ) async throws -> (exit: ChildProcess.Exit, output: String) {
      var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("OCR_RELAY_") }
      let directory = try TemporaryDirectory()
      defer { withExtendedLifetime(directory) {} }
      environment["OCR_RELAY_AUTH_STORE_FOLDER"] = directory.path("state")
      let settings = RelayProcess.settings(amqp: url, sandbox: sandbox.url, more)
      for (name, value) in settings { environment["OCR_RELAY_" + name] = value }
      let process = try await ChildProcess.start(Programs.relay, arguments, environment: environment)
      return (await process.waitForExit(), process.output)
    }

    private func examine(_ more: [String: String] = [:]) async throws -> (exit: ChildProcess.Exit, report: Report) {
      let (exit, output) = try await run(["doctor", "--json"], more)
      return (exit, try JSONDecoder().decode(Report.self, from: Data(output.utf8)))
    }

    @Test func aFreshBrokerIsGoodEnoughUntilServeOrApply() async throws {
      let fresh = try await examine()
      #expect(fresh.exit == .code(0) && fresh.report.healthy)
      #expect(fresh.report.finding("exchanges and queues")?.level == "warn")
      let verifying = try await examine(["AMQP_TOPOLOGY": "verify"])
      #expect(verifying.exit == .code(6))
      #expect(try await broker.queues(virtualHost: virtualHost).isEmpty, "looking creates nothing")

      #expect(try await run(["topology", "apply"]).exit == .code(0))
      #expect(try await run(["topology", "verify"]).exit == .code(0))
      let (exit, report) = try await examine()
      #expect(exit == .code(0))
      #expect(report.finding("exchanges and queues")?.level == "ok")
      for check in ["right to configure", "right to read ocr.requests", "right to write to ocr.dead"] {
        #expect(report.finding(check)?.level == "ok", "\(check)")
      }
      #expect(report.finding("connection")?.detail.contains("RabbitMQ 3") == true)
      #expect(try await broker.queues(virtualHost: virtualHost).values.allSatisfy { $0.ready == 0 })
    }

    @Test func waitingRequestsAreLeftUntouched() async throws {
      #expect(try await run(["topology", "apply"]).exit == .code(0))
      let mailbox = try await Mailbox.open(url)
      try await Request.picture().send(by: mailbox, to: nil)
      let report = try await examine().report
      #expect(report.finding("work queue")?.level == "warn")
      #expect(report.finding("right to read ocr.requests")?.level == "skip")
    }

    @Test func aQueueWithOtherArgumentsIsNamedWithItsDifference() async throws {
      let mailbox = try await Mailbox.open(url)
      try await mailbox.request(.declareQueue(.init("ocr.retry.2s")))
      let (exit, report) = try await examine()
      #expect(exit == .code(6))
      let finding = try #require(report.finding("queue ocr.retry.2s"))
      #expect(finding.level == "fail")
      #expect(finding.detail.contains("inequivalent arg"))
      let (verified, text) = try await run(["topology", "verify"])
      #expect(verified == .code(6))
      #expect(text.contains("fail queue ocr.retry.2s: is different"))
    }

    @Test func missingRightsAreNamed() async throws {
      #expect(try await run(["topology", "apply"]).exit == .code(0))
      let user = "user-\(UUID().uuidString.lowercased())"
      try await broker.control("add_user", user, "a-password")
      try await broker.control("set_permissions", "-p", virtualHost, user, "^$", "^ocr\\.retry$", "^ocr\\.dead\\..*$")
      let address = url.replacing("guest:guest", with: "\(user):a-password")
      let (exit, report) = try await examine(["AMQP_URL": address])
      #expect(exit == .code(6))
      #expect(report.finding("right to configure")?.level == "fail")
      #expect(report.finding("right to write to ocr.retry")?.level == "ok")
      #expect(report.finding("right to write to ocr.dead")?.level == "fail")
      #expect(report.finding("right to write to amq.default")?.level == "fail")
      #expect(report.finding("right to read ocr.requests")?.level == "fail")
      let allowed = try await examine(["AMQP_URL": address, "AMQP_TOPOLOGY": "verify"]).report
      #expect(allowed.finding("right to configure")?.level == "ok")
    }

    @Test func whatCannotBeReachedIsSaidWithoutSecrets() async throws {
      let (exit, output) = try await run(
        ["doctor"],
        [
          "AMQP_URL": "amqp://relay:hush-hush@127.0.0.1:1", "BACKEND_ENDPOINT": "http://127.0.0.1:1",
          "AUTH_ENDPOINT": "https://no-such-host.invalid",
        ])
      #expect(exit == .code(6))
      #expect(output.contains("fail connection:"))
      #expect(output.contains("fail OCR service: http://127.0.0.1:1"))
      #expect(output.contains("fail identity service:"))
      #expect(!output.contains("hush-hush") && !output.contains(Sandbox.password))
    }

    @Test func policiesAndAlarmsAreLookedAtThroughTheManagementAPI() async throws {
      let managed = try await PrivateBroker.start(.management)
      let address = try await managed.managementURL()
      func look() async throws -> (exit: ChildProcess.Exit, report: Report) {
        let (exit, output) = try await run(["doctor", "--json", "--management", address], ["AMQP_URL": managed.url])
        return (exit, try JSONDecoder().decode(Report.self, from: Data(output.utf8)))
      }
      #expect(try await run(["topology", "apply"], ["AMQP_URL": managed.url]).exit == .code(0))
      let well = try await look()
      #expect(well.exit == .code(0))
      #expect(well.report.finding("alarms")?.level == "ok")
      #expect(well.report.finding("policies")?.detail.hasPrefix("no policy touches") == true)
      #expect(well.report.finding("delivery limit of ocr.requests")?.detail == "20 in effect")

      try await managed.control("set_policy", "tidy", "^ocr\\.dead\\.", #"{"message-ttl":60000}"#)
      try await managed.control("set_policy", "strict", "^ocr\\.requests$", #"{"delivery-limit":2}"#)
      try await managed.control("set_vm_memory_high_watermark", "0.000001")
      // The broker needs a moment to follow; what it says at last is what counts.
      var ill = try await look()
      for _ in 0..<100
      where ill.report.finding("alarms")?.level == "ok" || ill.report.finding("policy for ocr.dead.poison") == nil {
        try await Task.sleep(for: .milliseconds(100))
        ill = try await look()
      }
      #expect(ill.exit == .code(6))
      #expect(ill.report.finding("alarms")?.level == "fail")
      #expect(ill.report.finding("policy for ocr.dead.poison")?.detail.contains("tidy says message-ttl 60000") == true)
      #expect(ill.report.finding("delivery limit of ocr.requests")?.level == "warn")
      try await managed.remove()
    }

    @Test func withoutAManagementAPIItIsSaidWhatWasSkippedAndWhy() async throws {
      let report = try await examine().report
      #expect(report.finding("policies and alarms")?.level == "skip")
      #expect(report.finding("policies and alarms")?.advice?.contains("--management") == true)
      let managed = try await PrivateBroker.start(.management)
      let address = try await managed.managementURL()
      try await managed.control("add_user", "plain", "hush-hush")
      try await managed.control("set_permissions", "plain", ".*", ".*", ".*")
      let (_, output) = try await run(
        ["doctor", "--json", "--management", address + "/"],
        ["AMQP_URL": managed.url.replacing("guest:guest", with: "plain:hush-hush")])
      let forbidden = try JSONDecoder().decode(Report.self, from: Data(output.utf8))
      #expect(forbidden.finding("policies and alarms")?.detail.contains("may not ask") == true)
      #expect(!output.contains("hush-hush"))
      try await managed.remove()
    }

    @Test func redisIsLookedAt() async throws {
      let redis = try await PrivateRedis.start()
      let seal = Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
      func look(_ url: String) async throws -> Report {
        try await examine(["REDIS_URL": url, "RESULTS_KIND": "redis", "SEAL_KEY": seal, "REDIS_BUDGET_MS": "10000"])
          .report
      }
      let well = try await look("redis://127.0.0.1:\(redis.port)")
      #expect(well.finding("server")?.level == "ok")
      #expect(well.finding("writing")?.level == "ok")
      _ = try await redis.control("ACL", "SETUSER", "narrow", "on", ">a-password", "~other:*", "+@all")
      let narrow = try await look("redis://narrow:a-password@127.0.0.1:\(redis.port)")
      #expect(narrow.finding("server")?.level == "ok")
      #expect(narrow.finding("writing")?.level == "warn")
      #expect(narrow.finding("writing")?.advice?.contains("redis.key_prefix") == true)
      let wrong = try await look("redis://narrow:hush-hush@127.0.0.1:\(redis.port)")
      #expect(wrong.finding("server")?.level == "warn")
      #expect(wrong.findings.allSatisfy { !$0.detail.contains("hush-hush") })
      let away = try await look("redis://127.0.0.1:1")
      #expect(away.finding("server")?.level == "warn")
      #expect(away.finding("writing") == nil)
    }

    @Test func definitionsAreWhatTheBrokerTakes() async throws {
      let definitions = try await run(["topology", "print", "--definitions"]).output
      let folder = try TemporaryDirectory()
      try await broker.control("import_definitions", try folder.write(definitions, to: "definitions.json"))
      #expect(try await run(["topology", "verify"]).exit == .code(0))
    }
  }
}
