import AMQP
import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// A configuration that is read again while the relay works.
  @Suite struct ReloadTests {
    /// A relay with a file of its own. The sandbox ends with the last reference to it.
    static func start(
      _ text: String, _ folder: TemporaryDirectory, without left: Set<String> = [],
      until line: String = "notice consuming"
    ) async throws -> (process: ChildProcess, mailbox: Mailbox, sandbox: Sandbox) {
      let broker = try await PrivateBroker.shared()
      let url = try await broker.makeVirtualHost()
      let sandbox = try await Sandbox.start()
      let file = try folder.write(text, to: "relay.yaml")
      var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("OCR_RELAY_") }
      let more = HealthProbe.setting.merging(["AUTH_STORE_FOLDER": folder.path("state")]) { $1 }
      for (name, value) in RelayProcess.settings(amqp: url, sandbox: sandbox.url, more)
      where !left.contains(name) {
        environment["OCR_RELAY_" + name] = value
      }
      let process = try await ChildProcess.start(
        Programs.relay, ["serve", "--config", file], environment: environment)
      try await process.waitForLine(containing: line)
      return (process, try await Mailbox.open(url, .ownQueue), sandbox)
    }

    @Test func hangupTakesOverAllowedTargetsAndLogLevel() async throws {
      let folder = try TemporaryDirectory()
      let (process, mailbox, sandbox) = try await Self.start("replies:\n  allow: [nobody]\n", folder)
      let refused = Request.picture()
      try await refused.send(by: mailbox, to: await mailbox.queue)
      _ = try folder.write("amqp:\n  prefetch: 3\nlog:\n  level: debug\n", to: "relay.yaml")
      process.send(signal: SIGHUP)
      try await process.waitForLine(containing: "the configuration was read again")
      let line = try await process.waitForLine(containing: "take effect with the next start")
      #expect(line.contains("amqp.prefetch"))
      #expect(try await Request.picture().ask(mailbox).properties.type == MessageType.result)
      #expect(await mailbox.waiting.isEmpty, "the first one was forbidden and stays unanswered")
      _ = try await Request(api: "general-text", body: [], contentType: "image/png").ask(mailbox)
      try await process.waitForLine(containing: "debug request failed")
      #expect(await process.terminate() == .code(0))
      #expect(sandbox.process.exit == nil)
    }

    @Test func hangupTakesOverAnotherPassword() async throws {
      let folder = try TemporaryDirectory()
      let (process, mailbox, sandbox) = try await Self.start(
        "auth:\n  password: not-the-password\n", folder, without: ["AUTH_PASSWORD"],
        until: "requests wait in the queue")
      _ = try folder.write("auth:\n  password: \(Sandbox.password)\n", to: "relay.yaml")
      process.send(signal: SIGHUP)
      let line = try await process.waitForLine(containing: "a secret was replaced")
      #expect(line.contains("setting=auth.password"))
      #expect(try await Request.picture().ask(mailbox).properties.type == MessageType.result)
      #expect(!process.errors.contains("not-the-password") && !process.errors.contains(Sandbox.password))
      #expect(await process.terminate() == .code(0))
      #expect(sandbox.process.exit == nil)
    }

    /// One call an hour is allowed: the second request waits until there may be more.
    @Test func aRequestThatWaitsForTheRateIsServedByANewOne() async throws {
      let folder = try TemporaryDirectory()
      let (process, mailbox, sandbox) = try await Self.start("rate:\n  limits: [1/1h]\n", folder)
      #expect(try await Request.picture().ask(mailbox).properties.type == MessageType.result)
      let second = Request.picture()
      try await second.send(by: mailbox, to: await mailbox.queue)
      _ = try folder.write("rate:\n  limits: [1000/1s]\n", to: "relay.yaml")
      process.send(signal: SIGHUP)
      let line = try await process.waitForLine(containing: "the configuration was read again")
      #expect(line.contains("rate.limits"))
      #expect(await mailbox.reply(to: second.id).properties.type == MessageType.result)
      #expect(await process.terminate() == .code(0))
      #expect(sandbox.process.exit == nil)
    }

    @Test func aChangedFileIsNoticedAndAMistakeInItChangesNothing() async throws {
      let folder = try TemporaryDirectory()
      let (process, mailbox, sandbox) = try await Self.start("", folder)
      _ = try folder.write("log:\n  levle: debug\n", to: "relay.yaml")
      let line = try await process.waitForLine(containing: "the configuration is left as it was")
      #expect(line.contains("log.level"))
      #expect(try await Request.picture().ask(mailbox).properties.type == MessageType.result)
      #expect(await process.terminate() == .code(0))
      #expect(sandbox.process.exit == nil)
    }
  }
}
