import AMQP
import Glibc
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// What becomes of requests that come again, answers that nobody takes, and messages that kill.
  @Suite struct OutcomeTests {
    // MARK: Results

    @Test func aRepeatedRequestIsPaidOnce() async throws {
      let stage = try await Stage.make()
      let mailbox = try await stage.mailbox()
      let request = Request.picture()
      let replies = [try await request.ask(mailbox), try await request.ask(mailbox)]
      #expect(replies[0].body == replies[1].body)
      #expect(replies[0].headers.bytes == replies[1].headers.bytes, "also what it says about the call")
      #expect(replies[0].properties.messageID == replies[1].properties.messageID)
      #expect(try await stage.sandbox.calls(of: "general-text").count == 1)
    }

    @Test func requestsForTheSameAtTheSameTimeShareACall() async throws {
      let stage = try await Stage.make()
      let mailbox = try await stage.mailbox()
      try await stage.sandbox.add(fault: #"{"kind":"delay","delay_ms":500}"#)
      let request = Request.picture()
      for _ in 0..<3 { try await request.send(by: mailbox, to: await mailbox.queue) }
      for _ in 0..<3 { #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result) }
      #expect(try await stage.sandbox.calls(of: "general-text").count == 1)
    }

    @Test func theSameIDWithAnotherBodyIsAnotherRequest() async throws {
      let stage = try await Stage.make()
      let mailbox = try await stage.mailbox()
      let request = Request.picture()
      var other = Request.picture()
      other.properties.messageID = request.properties.messageID
      _ = try await request.ask(mailbox)
      #expect(try await other.ask(mailbox).properties.type == MessageType.result)
      #expect(try await stage.sandbox.calls(of: "general-text").count == 2)
    }

    @Test func withoutAStoreEveryRequestIsCalledFor() async throws {
      let stage = try await Stage.make(relay: ["RESULTS_KIND": "off"])
      let mailbox = try await stage.mailbox()
      let request = Request.picture()
      for _ in 0..<2 { _ = try await request.ask(mailbox) }
      #expect(try await stage.sandbox.calls(of: "general-text").count == 2)
    }

    // MARK: Answers that nobody takes

    @Test func anAnswerWaitsForAQueueThatComesBack() async throws {
      let stage = try await Stage.make()
      let publisher = try await stage.mailbox(.nothing)
      let request = Request.picture()
      let queue = "ocr.reply.\(request.id)"
      try await request.send(by: publisher, to: queue)
      while try await stage.sandbox.calls(of: "general-text").isEmpty { await Task.yield() }
      try await publisher.request(.declareQueue(.init(queue, autoDelete: true)))
      let mailbox = try await stage.mailbox(.queue(queue))
      #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
    }

    @Test func anAnswerIsParkedWhenItsQueueStaysAway() async throws {
      let stage = try await Stage.make(relay: ["REPLIES_RETRY_PAUSE_SECONDS": "0.1", "REPLIES_PARKING_FAILURES": "4"])
      let publisher = try await stage.mailbox(.nothing)
      let parked = try await stage.mailbox(.queue(QueueName.unroutable))
      let requests = (0..<8).map { _ in Request.picture() }
      for request in requests { try await request.send(by: publisher, to: "ocr.reply.gone") }
      for request in requests {
        let answer = await parked.reply(to: request.id)
        #expect(answer.properties.type == MessageType.result)
        #expect(answer.headers.string("ocr-origin-routing-key") == "ocr.reply.gone")
      }
      #expect(try await stage.waiting(in: QueueName.requests) == 0)
    }

    @Test func aFullReplyQueueHoldsNobodyUp() async throws {
      let stage = try await Stage.make(relay: ["REPLIES_RETRY_PAUSE_SECONDS": "0.1"])
      let mailbox = try await stage.mailbox()
      let full = "ocr.reply.\(Request.picture().id)"
      try await mailbox.request(
        .declareQueue(
          .init(full, arguments: ["x-max-length": .int32(0), "x-overflow": .string("reject-publish")])))
      let parked = try await stage.mailbox(.queue(QueueName.unroutable))
      let request = Request.picture()
      try await request.send(by: mailbox, to: full)
      #expect(await parked.reply(to: request.id).headers.string("ocr-origin-routing-key") == full)
      #expect(try await Request.picture().ask(mailbox).properties.type == MessageType.result)
      try await mailbox.request(.deleteQueue(full))
    }

    // MARK: Direct reply-to

    /// A direct reply-to address whose requester has left.
    private func addressOfNobody(_ stage: Stage) async throws -> String {
      let requester = try await stage.mailbox(.direct)
      let other = try await stage.mailbox()
      var properties = OutgoingProperties()
      properties.replyTo = "amq.rabbitmq.reply-to"
      await requester.publish([], key: await other.queue, properties)
      let address = try #require(await other.message().properties.replyTo)
      await requester.close()
      return address
    }

    @Test func nothingIsPaidForARequesterWhoHasLeft() async throws {
      let stage = try await Stage.make()
      let mailbox = try await stage.mailbox()
      let parked = try await stage.mailbox(.queue(QueueName.unroutable))
      let madeUp = "amq.rabbitmq.reply-to.g1h2AA9yZXBseUAxMjM0NTY3OA==.AAAA"
      let addresses = [try await addressOfNobody(stage), madeUp, try await addressOfNobody(stage)]
      let requests = (0..<6).map { _ in Request.picture() }
      for (number, request) in requests.enumerated() {
        try await request.send(by: mailbox, to: addresses[number % 3])
      }
      for request in requests {
        let answer = await parked.reply(to: request.id)
        #expect(try Problem(decoding: answer.body).code == ErrorCode.replyUnroutable.rawValue)
        #expect(answer.headers.integer("ocr-attempts") == 0)
      }
      #expect(try await stage.sandbox.calls(of: "general-text").isEmpty)
      #expect(try await Request.picture().ask(mailbox).properties.type == MessageType.result)
      #expect(stage.relay.lines("no connection to the broker").isEmpty, "the working connections are not hit")
    }

    @Test func theCheckCanBeSwitchedOff() async throws {
      let stage = try await Stage.make(relay: ["REPLIES_CHECK_DIRECT_REQUESTERS": "false"])
      let mailbox = try await stage.mailbox()
      try await Request.picture().send(by: mailbox, to: try await addressOfNobody(stage))
      while try await stage.sandbox.calls(of: "general-text").isEmpty { await Task.yield() }
    }

    // MARK: Poison

    /// Takes the first messages of the work queue.
    private func hold(_ stage: Stage, count: Int) async throws -> Mailbox {
      let holder = try await stage.mailbox(.nothing)
      for _ in 0..<count { try await holder.request(.get(queue: QueueName.requests)) }
      return holder
    }

    /// Takes the first messages of the work queue and loses the connection, as a process does that dies of one.
    private func die(_ stage: Stage, times: Int, with count: Int = 1) async throws {
      for _ in 0..<times { await (try await hold(stage, count: count)).close() }
    }

    private func restart(_ stage: Stage, _ more: [String: String] = [:]) async throws -> RelayProcess {
      try await RelayProcess.start(RelayProcess.settings(amqp: stage.url, sandbox: stage.sandbox.url, more))
    }

    @Test func whoeverSentPoisonIsTold() async throws {
      let stage = try await Stage.make()
      #expect(await stage.relay.process.terminate() == .code(0))
      let mailbox = try await stage.mailbox()
      let request = Request.picture()
      try await request.send(by: mailbox, to: await mailbox.queue)
      try await die(stage, times: 19)
      let relay = try await restart(stage)
      let problem = try Problem(decoding: await mailbox.reply(to: request.id).body)
      #expect(problem.code == ErrorCode.poison.rawValue && problem.attempts == 0)
      let letter = try await stage.take(from: try #require(problem.deadLetter), request.id)
      #expect(letter.body == request.body && letter.headers.string("ocr-error-code") == ErrorCode.poison.rawValue)
      #expect(try await stage.sandbox.calls(of: "general-text").isEmpty)
      #expect(await relay.process.terminate() == .code(0))
    }

    /// Among others, all of them in work when the first relay dies.
    @Test func whatKillsEveryRelayEndsAloneAsPoison() async throws {
      let stage = try await Stage.make()
      #expect(await stage.relay.process.terminate() == .code(0))
      let mailbox = try await stage.mailbox()
      let requests = (0..<40).map { _ in Request.picture() }
      let deadly = requests[20]
      for request in requests { try await request.send(by: mailbox, to: await mailbox.queue) }
      var settings = RelayProcess.settings(amqp: stage.url, sandbox: stage.sandbox.url)
      settings["FAILPOINT"] = "poison:message-\(deadly.id)"
      for _ in 0..<19 {
        let relay = try await RelayProcess.launch(settings)
        #expect(await relay.process.waitForExit() == .signal(SIGKILL))
        #expect(relay.lines("failpoint poison").count == 1)
      }
      let relay = try await RelayProcess.start(settings)
      for request in requests where request.id != deadly.id {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      let problem = try Problem(decoding: await mailbox.reply(to: deadly.id).body)
      #expect(problem.code == ErrorCode.poison.rawValue)
      #expect(try await stage.take(from: try #require(problem.deadLetter), deadly.id).body == deadly.body)
      #expect(try await stage.waiting(in: "ocr.dead.poison") == 0, "nobody else")
      #expect(await relay.process.terminate() == .code(0))
    }

    /// Each pause gives back what waits for a permit, and the broker counts that as it counts deaths: 22 times for those
    /// that are called last.
    @Test func requestsThatPausesGaveBackAreNoPoison() async throws {
      let stage = try await Stage.make()
      #expect(await stage.relay.process.terminate() == .code(0))
      let mailbox = try await stage.mailbox()
      let requests = (0..<8).map { _ in Request.picture() }
      for request in requests { try await request.send(by: mailbox, to: await mailbox.queue) }
      try await die(stage, times: 17, with: requests.count)
      // A relay that finds nothing waiting starts at full speed.
      let holder = try await hold(stage, count: requests.count)
      let relay = try await restart(
        stage,
        ["RATE_LONG_PAUSE_SECONDS": "1", "RATE_MAX_CONCURRENT_CALLS": "1", "RATE_START_CALLS_PER_SECOND": "1000"])
      try await stage.sandbox.add(fault: #"{"kind":"throttle","limit":1000,"window_s":2,"times":4}"#)
      await holder.close()
      for request in requests { #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result) }
      #expect(try await stage.waiting(in: "ocr.dead.poison") == 0)
      #expect(relay.lines("the limit is used up").count == 4)
      #expect(await relay.process.terminate() == .code(0))
    }

    @Test func aStartIsCarefulUntilTheSuspectsAreThrough() async throws {
      let stage = try await Stage.make()
      #expect(await stage.relay.process.terminate() == .code(0))
      let mailbox = try await stage.mailbox()
      let requests = (0..<3).map { _ in Request.picture() }
      try await requests[0].send(by: mailbox, to: await mailbox.queue)
      try await die(stage, times: 2)
      for request in requests.dropFirst() { try await request.send(by: mailbox, to: await mailbox.queue) }
      let relay = try await restart(stage)
      try await relay.log("prefetch=1")
      for request in requests { #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result) }
      try await relay.log("prefetch=50")
      #expect(try await stage.sandbox.calls(of: "general-text").count == 3)
      #expect(await relay.process.terminate() == .code(0))
    }
  }
}
