import AMQP
import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// One process that works with several loops.
  @Suite struct LoopTests {
    private static let settings = HealthProbe.setting.merging(["PROCESS_LOOPS": "3", "AMQP_PREFETCH": "5"]) { $1 }

    /// A relay all of whose loops consume.
    private func start(
      _ more: [String: String] = [:], sandbox: [String] = ["--instant"]
    ) async throws -> Stage {
      let stage = try await Stage.make(relay: Self.settings.merging(more) { $1 }, sandbox: sandbox, isReady: false)
      for loop in 1...3 { try await stage.relay.log("notice consuming", and: "loop=\(loop)") }
      return stage
    }

    private func send(_ count: Int, by mailbox: Mailbox) async throws -> [Request] {
      let requests = (0..<count).map { _ in Request.picture() }
      for request in requests { try await request.send(by: mailbox, to: await mailbox.queue) }
      return requests
    }

    @Test(arguments: ["memory", "file"])
    func everyRequestIsAnsweredOnceAfterOneLogin(_ store: String) async throws {
      let stage = try await start(["AUTH_STORE": store, "RATE_START_CALLS_PER_SECOND": "1000"])
      let probe = try await HealthProbe(of: stage.relay)
      let mailbox = try await stage.mailbox()
      try await stage.sandbox.add(fault: #"{"kind":"delay","delay_ms":20}"#)
      for revokes in [false, true] {
        if revokes { try await stage.sandbox.revokeTokens() }
        for request in try await send(60, by: mailbox) {
          #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
        }
        #expect(try await stage.sandbox.logins().map(\.outcome) == (revokes ? ["ok", "ok"] : ["ok"]))
      }
      #expect(await mailbox.waiting.isEmpty)
      #expect(try await probe.metric("ocr_relay_results_total") == "120")
      #expect(try await probe.metric("ocr_relay_request_seconds_count") == "120")
      #expect(try await probe.metric("ocr_relay_in_work_limit") == "15")
      #expect(try await probe.metric(#"ocr_relay_credential_events_total{event="login"}"#) == "2")
      #expect(try await probe.get("/readyz").text.contains(#""loops":3,"ready_loops":3"#))
      #expect(try await probe.get("/livez").status == 200)
      #expect(await stage.relay.process.terminate() == .code(0))
      let done = stage.relay.lines("notice stopped")
      #expect(done.count == 3 && done.allSatisfy { !$0.contains("acknowledged=0") }, "each loop had its part: \(done)")
    }

    @Test func aWrongPasswordIsTriedOnceForAllLoops() async throws {
      let stage = try await Stage.make(
        relay: Self.settings.merging(["AUTH_PASSWORD": "wrong", "AUTH_STORE": "memory"]) { $1 }, isReady: false)
      for loop in 1...3 { try await stage.relay.log("requests wait in the queue", and: "loop=\(loop)") }
      #expect(try await stage.sandbox.logins().count == 1)
      #expect(try await HealthProbe(of: stage.relay).get("/readyz").status == 503)
      #expect(await stage.relay.process.terminate() == .code(0))
    }

    /// The service allows half as much again, which a busy machine may need.
    @Test func allLoopsTogetherKeepOneLimit() async throws {
      let stage = try await start(["RATE_LIMITS": "20/3s"], sandbox: ["--instant", "--limit", "20/2s"])
      let mailbox = try await stage.mailbox()
      for request in try await send(50, by: mailbox) {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      let calls = try await stage.sandbox.calls(of: "general-text")
      #expect(calls.count == 50 && calls.allSatisfy { $0.status == 200 })
      #expect(await stage.relay.process.terminate() == .code(0))
    }

    /// What one loop learns from a refusal, all of them keep.
    @Test func aLimitIsLearntForAllLoops() async throws {
      let stage = try await start(["RATE_START_CALLS_PER_SECOND": "1000"], sandbox: ["--instant", "--limit", "20/2s"])
      let mailbox = try await stage.mailbox()
      for request in try await send(80, by: mailbox) {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      let refused = try await stage.sandbox.calls(of: "general-text").count { $0.status == 429 }
      #expect(refused > 0 && refused <= 30, "\(refused) refused: what was in work, and a few probes")
      #expect(await stage.relay.process.terminate() == .code(0))
    }

    /// One call an hour is allowed: the others wait, wherever they are, until there may be more.
    @Test func aConfigurationThatIsReadAgainReachesAllLoops() async throws {
      let folder = try TemporaryDirectory()
      let (process, mailbox, sandbox) = try await ReloadTests.start(
        "process:\n  loops: 3\nrate:\n  limits: [1/1h]\n", folder)
      #expect(try await Request.picture().ask(mailbox).properties.type == MessageType.result)
      let requests = try await send(12, by: mailbox)
      _ = try folder.write("process:\n  loops: 2\nrate:\n  limits: [1000/1s]\n", to: "relay.yaml")
      process.send(signal: SIGHUP)
      let line = try await process.waitForLine(containing: "take effect with the next start")
      #expect(line.contains("process.loops") && line.contains("loop=1"))
      for request in requests {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      #expect(process.errors.split(separator: "\n").count { $0.contains("the configuration was read again") } == 1)
      #expect(await process.terminate() == .code(0))
      #expect(sandbox.process.exit == nil)
    }

    /// The service takes a few more, as it counts a call somewhat longer than the relay does.
    @Test func callsAtOnceAreBoundedForTheProcess() async throws {
      let stage = try await start(
        ["RATE_MAX_CONCURRENT_CALLS": "4", "RATE_START_CALLS_PER_SECOND": "1000"],
        sandbox: ["--instant", "--max-concurrent", "7"])
      let mailbox = try await stage.mailbox()
      try await stage.sandbox.add(fault: #"{"kind":"delay","delay_ms":100}"#)
      for request in try await send(60, by: mailbox) {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      let calls = try await stage.sandbox.calls(of: "general-text")
      #expect(calls.count == 60 && calls.allSatisfy { $0.status == 200 }, "alone each loop makes four at once")
      #expect(await stage.relay.process.terminate() == .code(0))
    }

    @Test func anOutageClosesAllLoopsAndIsProbedByTurns() async throws {
      let stage = try await start(["RATE_LIMITS": "5/1s"])
      let mailbox = try await stage.mailbox()
      try await stage.sandbox.add(fault: #"{"kind":"status","status":503,"code":"ModelArts.4302","message":"busy"}"#)
      let requests = try await send(30, by: mailbox)
      while try await stage.sandbox.calls(of: "general-text").count(where: { $0.status == 503 }) < 8 {
        try await Task.sleep(for: .milliseconds(50))
      }
      try await stage.sandbox.removeFaults()
      for request in requests { #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result) }
      let closed = stage.relay.lines("requests wait in the queue: every call would fail")
      for loop in 1...3 { #expect(closed.contains { $0.contains("loop=\(loop)") }) }
      let failed = try await stage.sandbox.calls(of: "general-text").count { $0.status == 503 }
      let probes = stage.relay.lines("probing with one request").count
      #expect(failed <= 12 + probes, "\(failed) failed, \(probes) probes; alone each loop makes five calls first")
      #expect(await stage.relay.process.terminate() == .code(0))
    }

    @Test func aResultIsRememberedForAllLoops() async throws {
      let stage = try await start()
      let mailbox = try await stage.mailbox()
      let request = Request.picture()
      let first = try await request.ask(mailbox)
      for _ in 0..<9 { #expect(try await request.ask(mailbox).body == first.body) }
      #expect(try await stage.sandbox.calls(of: "general-text").count == 1)
      #expect(await stage.relay.process.terminate() == .code(0))
    }

    @Test func terminationFinishesWhatIsInWorkOnAllLoops() async throws {
      let stage = try await start(["RATE_START_CALLS_PER_SECOND": "1000"])
      let mailbox = try await stage.mailbox()
      try await stage.sandbox.add(fault: #"{"kind":"delay","delay_ms":1500}"#)
      let requests = try await send(40, by: mailbox)
      _ = await mailbox.message()
      #expect(await stage.relay.process.terminate() == .code(0))
      #expect(stage.relay.lines("notice stopped").count == 3)
      let calls = try await stage.sandbox.calls(of: "general-text")
      #expect(calls.allSatisfy { $0.outcome == "ok" })
      #expect(try await stage.waiting(in: QueueName.requests) == requests.count - calls.count)
    }

    @Test func oneLoopThatLosesItsConnectionStopsNoOther() async throws {
      let stage = try await start()
      let probe = try await HealthProbe(of: stage.relay)
      let before = try await probe.metric(#"ocr_relay_broker_connection_attempts_total{purpose="publishing"}"#)
      #expect(before == "3")
      let names = try await stage.broker.control("list_connections", "pid", "vhost", "client_properties")
      let line = names.split(separator: "\n").first {
        $0.contains(stage.virtualHost) && $0.contains("ocr-relay consuming")
      }
      let pid = try #require(line?.split(separator: "\t").first.map(String.init))
      _ = try await stage.broker.control("close_connection", pid, "for a test")
      try await stage.relay.log("no connection to the broker")
      let mailbox = try await stage.mailbox()
      for request in try await send(30, by: mailbox) {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      let losers = Set(
        stage.relay.lines("no connection to the broker").compactMap { line in
          (1...3).first { line.contains("loop=\($0)") }
        })
      #expect(losers.count == 1, "\(losers)")
      while try await probe.get("/readyz").status != 200 { try await Task.sleep(for: .milliseconds(20)) }
      #expect(await stage.relay.process.terminate() == .code(0))
    }

    @Test func aMistakeInTheStartIsSaidOnce() async throws {
      let stage = try await Stage.make(
        relay: Self.settings.merging(["AUTH_STORE_FOLDER": "/proc/no-folder"]) { $1 }, isReady: false)
      #expect(await stage.relay.process.waitForExit() != .code(0))
      #expect(stage.relay.lines("auth.store_folder").count == 1)
    }
  }
}
