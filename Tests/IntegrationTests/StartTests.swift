import AMQP
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// Starts against a broker that is not there or does not let the relay in, and against foreign topologies.
  @Suite struct StartTests {
    /// Waits for a few attempts and checks that each is one clear line and that waiting costs next to nothing.
    private func expectCalmAttempts(_ relay: RelayProcess, kind: String, _ advice: String) async throws {
      // Both connections, three attempts each at least.
      try await relay.process.waitForLine(containing: "no connection to the broker", times: 6)
      let attempts = relay.lines("no connection to the broker")
      #expect(attempts.allSatisfy { $0.contains("kind=\(kind)") && $0.contains("retry_in_ms=") })
      #expect(attempts.allSatisfy { $0.contains(advice) })
      #expect(relay.process.errors.split(separator: "\n").count == attempts.count)
      #expect(try relay.processorSeconds() < 1)
    }

    @Test func waitsForABrokerThatIsAbsent() async throws {
      let broker = try await PrivateBroker.start()
      try await broker.stop()
      let sandbox = try await Sandbox.start()
      let relay = try await RelayProcess.launch(RelayProcess.settings(amqp: broker.url, sandbox: sandbox.url))
      try await expectCalmAttempts(relay, kind: "unreachable", "check that the broker runs")
      try await broker.start()
      try await relay.log("notice consuming")
      let mailbox = try await Mailbox.open(broker.url, .ownQueue)
      #expect(try await Request.picture().ask(mailbox).properties.type == MessageType.result)
      #expect(await relay.process.terminate() == .code(0))
      try await broker.remove()
    }

    @Test func waitsForTheRightPassword() async throws {
      let broker = try await PrivateBroker.shared()
      let url = try await broker.makeVirtualHost()
      let host = String(url.split(separator: "/").last ?? "")
      try await broker.control("add_user", "late", "first-secret")
      let sandbox = try await Sandbox.start()
      let relay = try await RelayProcess.launch(
        RelayProcess.settings(
          amqp: url.replacing("guest:guest", with: "late:second-secret"), sandbox: sandbox.url))
      try await expectCalmAttempts(relay, kind: "accessRefused", "check user and password")
      #expect(!relay.process.errors.contains("second-secret"))
      try await broker.control("set_permissions", "-p", host, "late", ".*", ".*", ".*")
      try await broker.control("change_password", "late", "second-secret")
      try await relay.log("notice consuming")
      #expect(await relay.process.terminate() == .code(0))
    }

    @Test func waitsForTheVirtualHost() async throws {
      let broker = try await PrivateBroker.shared()
      let sandbox = try await Sandbox.start()
      let relay = try await RelayProcess.launch(
        RelayProcess.settings(amqp: broker.url + "/comes-later", sandbox: sandbox.url))
      try await expectCalmAttempts(relay, kind: "virtualHost", "check the virtual host")
      try await broker.control("add_vhost", "comes-later")
      try await broker.control("set_permissions", "-p", "comes-later", "guest", ".*", ".*", ".*")
      try await relay.log("notice consuming")
      #expect(await relay.process.terminate() == .code(0))
    }

    @Test func refusesABrokerWithAnUnknownAuthority() async throws {
      let broker = try await PrivateBroker.start(.tls)
      let sandbox = try await Sandbox.start()
      let url = try await broker.tlsURL()
      let relay = try await RelayProcess.launch(RelayProcess.settings(amqp: url, sandbox: sandbox.url))
      try await expectCalmAttempts(relay, kind: "tls", "amqp.ca_file")
      #expect(await relay.process.terminate() == .code(0))
      let trusting = try await RelayProcess.start(
        RelayProcess.settings(amqp: url, sandbox: sandbox.url, ["AMQP_CA_FILE": broker.certificates.authority]))
      #expect(await trusting.process.terminate() == .code(0))
      try await broker.remove()
    }

    @Test func verifyOnlyLooks() async throws {
      let broker = try await PrivateBroker.shared()
      let url = try await broker.makeVirtualHost()
      let host = String(url.split(separator: "/").last ?? "")
      let sandbox = try await Sandbox.start()
      let verifying = try await RelayProcess.launch(
        RelayProcess.settings(amqp: url, sandbox: sandbox.url, ["AMQP_TOPOLOGY": "verify"]))
      let line = try await verifying.log("no connection to the broker")
      #expect(line.contains("404") || line.contains("NOT_FOUND"))
      #expect(line.contains("amqp.topology"))
      #expect(try await broker.queues(virtualHost: host).isEmpty)
      let applying = try await RelayProcess.start(RelayProcess.settings(amqp: url, sandbox: sandbox.url))
      try await verifying.log("notice consuming")
      #expect(await applying.process.terminate() == .code(0))
      #expect(await verifying.process.terminate() == .code(0))
    }

    @Test func topologyOffTakesTheQueueAsItIs() async throws {
      let broker = try await PrivateBroker.shared()
      let url = try await broker.makeVirtualHost()
      let mailbox = try await Mailbox.open(url, .ownQueue)
      try await mailbox.request(.declareQueue(.init("plain.requests")))
      let sandbox = try await Sandbox.start()
      let relay = try await RelayProcess.start(
        RelayProcess.settings(
          amqp: url, sandbox: sandbox.url, ["AMQP_TOPOLOGY": "off", "AMQP_QUEUE": "plain.requests"]))
      let request = Request.picture()
      try await request.send(by: mailbox, to: await mailbox.queue, key: "plain.requests")
      #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      #expect(await relay.process.terminate() == .code(0))
    }

    @Test func mismatchIsToldWithItsMend() async throws {
      let broker = try await PrivateBroker.shared()
      let url = try await broker.makeVirtualHost()
      let mailbox = try await Mailbox.open(url)
      try await mailbox.request(.declareQueue(.init(QueueName.requests)))
      let sandbox = try await Sandbox.start()
      let relay = try await RelayProcess.launch(RelayProcess.settings(amqp: url, sandbox: sandbox.url))
      let line = try await relay.log("no connection to the broker")
      #expect(line.contains("PRECONDITION_FAILED"))
      #expect(line.contains(QueueName.requests))
      #expect(line.contains("exists with other arguments"))
      #expect(await relay.process.terminate() == .code(0))
    }
  }
}
