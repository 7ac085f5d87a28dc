import AMQP
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// Ends and interruptions: of the relay, of the broker.
  @Suite struct LifeTests {
    @Test func terminationFinishesWhatIsInFlight() async throws {
      let stage = try await Stage.make(relay: ["AMQP_PREFETCH": "10"])
      let mailbox = try await stage.mailbox()
      try await stage.sandbox.add(fault: #"{"kind":"delay","delay_ms":1500}"#)
      let requests = (0..<30).map { _ in Request.picture() }
      for request in requests { try await request.send(by: mailbox, to: await mailbox.queue) }
      let first = await mailbox.message()
      #expect(await stage.relay.process.terminate() == .code(0))

      let calls = try await stage.sandbox.calls(of: "general-text")
      #expect(calls.allSatisfy { $0.outcome == "ok" })
      // What was not acknowledged before the end is back in the queue.
      #expect(try await stage.waiting(in: QueueName.requests) == requests.count - calls.count)
      // Another relay does the rest, and nothing of the first one's.
      try await stage.sandbox.removeFaults()
      let second = try await RelayProcess.start(RelayProcess.settings(amqp: stage.url, sandbox: stage.sandbox.url))
      for request in requests where request.id != first.properties.correlationID {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      #expect(await second.process.terminate() == .code(0))
      #expect(await mailbox.waiting.isEmpty)
      #expect(try await stage.sandbox.calls(of: "general-text").count == requests.count)
    }

    @Test func brokerRestartUnderLoadLosesNothing() async throws {
      let broker = try await PrivateBroker.start()
      let sandbox = try await Sandbox.start()
      try await sandbox.add(fault: #"{"kind":"delay","delay_ms":50}"#)
      let relay = try await RelayProcess.start(
        RelayProcess.settings(amqp: broker.url, sandbox: sandbox.url, ["AMQP_PREFETCH": "20"]))
      let publisher = try await Mailbox.open(broker.url)
      try await publisher.request(
        .declareQueue(.init("ocr.reply.load", arguments: ["x-queue-type": .string("quorum")])))
      let replies = try await Mailbox.open(broker.url, .queue("ocr.reply.load"))
      let requests = (0..<300).map { _ in Request.picture() }
      async let published: Void = {
        for request in requests { try await request.send(by: publisher, to: "ocr.reply.load") }
      }()
      let first = await replies.message()
      try await broker.restart()
      try await published
      for request in requests where request.id != first.properties.correlationID {
        #expect(await replies.reply(to: request.id).properties.type == MessageType.result)
      }
      #expect(relay.lines("no connection to the broker").count >= 2)
      #expect(await relay.process.terminate() == .code(0))
      #expect(try await publisher.waiting(in: QueueName.requests) == 0)
      try await broker.remove()
    }
  }
}
