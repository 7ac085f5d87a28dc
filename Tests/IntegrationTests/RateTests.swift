import AMQP
import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// A service that refuses what is above its limit: requests wait, none of them fails.
  @Suite struct RateTests {
    private func ask(_ stage: Stage, count: Int) async throws -> [Mailbox.Message] {
      let mailbox = try await stage.mailbox()
      let requests = (0..<count).map { _ in Request.picture() }
      for request in requests { try await request.send(by: mailbox, to: await mailbox.queue) }
      var replies: [Mailbox.Message] = []
      for request in requests { replies.append(await mailbox.reply(to: request.id)) }
      return replies
    }

    @Test func throttledRequestsWaitAndKeepTheirAttempts() async throws {
      let stage = try await Stage.make(
        relay: ["RATE_START_CALLS_PER_SECOND": "1000"], sandbox: ["--instant", "--limit", "20/2s"])
      let replies = try await ask(stage, count: 80)
      #expect(replies.allSatisfy { $0.properties.type == "ocr.result.v1" })
      #expect(replies.allSatisfy { $0.headers.integer("ocr-attempts") == 1 }, "a refused call is no attempt")
      let calls = try await stage.sandbox.calls(of: "general-text")
      let refused = calls.count { $0.status == 429 }
      #expect(calls.count == 80 + refused)
      // Everything in work when the limit was found may have been refused once; nothing is repeated into the pause.
      #expect(refused > 0 && refused <= 60, "\(refused) refused")
      #expect(try await stage.waiting(in: "ocr.retry.2s") == 0)
      let cuts = stage.relay.lines("too many calls: the rate is cut").count
      #expect((1...3).contains(cuts), "\(cuts) cuts: one for all refusals of a moment")
      #expect(stage.relay.lines("requests wait in the queue").isEmpty, "a throttle is no outage")
    }

    /// The service allows half as much again, which a busy machine may need.
    @Test func aConfiguredLimitIsNeverReached() async throws {
      let stage = try await Stage.make(
        relay: ["RATE_LIMITS": "20/3s"], sandbox: ["--instant", "--limit", "20/2s"])
      let replies = try await ask(stage, count: 50)
      #expect(replies.allSatisfy { $0.properties.type == "ocr.result.v1" })
      let calls = try await stage.sandbox.calls(of: "general-text")
      #expect(calls.count == 50 && calls.allSatisfy { $0.status == 200 })
    }

    /// The pause is longer than requests may be held: they wait in the queue, for whoever may take them.
    @Test func aLongPauseGivesRequestsBack() async throws {
      let stage = try await Stage.make(relay: ["RATE_LONG_PAUSE_SECONDS": "1", "RATE_START_CALLS_PER_SECOND": "1000"])
      try await stage.sandbox.add(fault: #"{"kind":"throttle","limit":5,"window_s":3,"times":1}"#)
      let replies = try await ask(stage, count: 10)
      #expect(replies.allSatisfy { $0.properties.type == "ocr.result.v1" })
      #expect(stage.relay.lines("the limit is used up").count == 1)
      #expect(stage.relay.lines("notice consuming").count == 2)
    }

    /// Three relays, one limit: what one of them learns, all of them keep; without Redis they go on with their parts.
    @Test func severalRelaysShareOneRate() async throws {
      let redis = try await PrivateRedis.start()
      let settings = [
        "RATE_STORE": "redis", "RATE_MAX_RELAYS": "3", "REDIS_URL": redis.url, "REDIS_BUDGET_MS": "500",
        "AMQP_PREFETCH": "10",
      ]
      let stage = try await Stage.make(relay: settings, sandbox: ["--instant", "--limit", "30/3s"])
      var others: [RelayProcess] = []
      for _ in 0..<2 {
        others.append(
          try await RelayProcess.start(RelayProcess.settings(amqp: stage.url, sandbox: stage.sandbox.url, settings)))
      }
      for relay in [stage.relay] + others { try await relay.log("the rate is shared") }
      let first = try await ask(stage, count: 90)
      #expect(first.allSatisfy { $0.properties.type == "ocr.result.v1" })
      await redis.kill()
      let second = try await ask(stage, count: 30)
      #expect(second.allSatisfy { $0.properties.type == "ocr.result.v1" })
      let refused = try await stage.sandbox.calls(of: "general-text").count { $0.status == 429 }
      #expect(refused <= 30, "\(refused) refused")
      for relay in [stage.relay] + others { #expect(await relay.process.terminate() == .code(0)) }
    }

    /// Three relays, one service that is down: a few calls close all of them, then they probe by turns, and open together.
    @Test func severalRelaysShareAnOutage() async throws {
      let redis = try await PrivateRedis.start()
      let settings = [
        "RATE_STORE": "redis", "RATE_MAX_RELAYS": "3", "REDIS_URL": redis.url, "REDIS_BUDGET_MS": "2000",
        "AMQP_PREFETCH": "5", "RATE_LIMITS": "5/1s",
      ]
      let stage = try await Stage.make(relay: settings, sandbox: ["--instant"])
      var others: [RelayProcess] = []
      for _ in 0..<2 {
        others.append(
          try await RelayProcess.start(RelayProcess.settings(amqp: stage.url, sandbox: stage.sandbox.url, settings)))
      }
      let relays = [stage.relay] + others
      for relay in relays { try await relay.log("the rate is shared") }
      let first = try await ask(stage, count: 10)
      #expect(first.allSatisfy { $0.properties.type == "ocr.result.v1" })

      try await stage.sandbox.add(fault: #"{"kind":"status","status":503,"code":"ModelArts.4302","message":"busy"}"#)
      let mailbox = try await stage.mailbox()
      let requests = (0..<40).map { _ in Request.picture() }
      for request in requests { try await request.send(by: mailbox, to: await mailbox.queue) }
      for relay in relays { try await relay.log("requests wait in the queue: every call would fail") }
      let closing = try await stage.sandbox.calls(of: "general-text").count { $0.status == 503 }
      #expect(closing <= 12, "\(closing) calls before all were closed; alone each makes five")
      while try await stage.sandbox.calls(of: "general-text").count(where: { $0.status == 503 }) < closing + 2 {
        try await Task.sleep(for: .milliseconds(50))
      }
      try await stage.sandbox.removeFaults()
      for request in requests { #expect(await mailbox.reply(to: request.id).properties.type == "ocr.result.v1") }
      for relay in relays { try await relay.log("calls succeed again") }
      let probes = relays.reduce(0) { $0 + $1.lines("probing with one request").count }
      let failed = try await stage.sandbox.calls(of: "general-text").count { $0.status == 503 }
      #expect(failed <= 12 + probes, "\(failed) failed, \(closing) while closing, \(probes) probes")
      for relay in relays { #expect(await relay.process.terminate() == .code(0)) }
    }

    @Test func tooManyAtOnceCutsWhatRunsInParallel() async throws {
      let stage = try await Stage.make(relay: ["RATE_START_CALLS_PER_SECOND": "1000"])
      try await stage.sandbox.add(
        fault: #"{"kind":"status","status":429,"code":"ModelArts.4401","message":"Max concurrency error.","times":1}"#)
      let replies = try await ask(stage, count: 20)
      #expect(replies.allSatisfy { $0.properties.type == "ocr.result.v1" })
      #expect(stage.relay.lines("too many calls at once").count == 1)
      let calls = try await stage.sandbox.calls(of: "general-text")
      #expect(calls.count { $0.status == 429 } == 1)
    }
  }
}
