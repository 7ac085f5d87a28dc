import AMQP
import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// What an operator does with dead letters, with the real broker.
  @Suite struct DeadLetterTests {
    private static let rejected = #"{"kind":"status","status":400,"code":"AIS.0104","message":"not a picture"}"#

    /// A stage where every call is turned down, and letters of two causes.
    private static func stageWithLetters(
      _ count: Int, relay: [String: String] = [:]
    ) async throws -> (Stage, Mailbox, [Request]) {
      let stage = try await Stage.make(relay: relay)
      try await stage.sandbox.add(fault: rejected)
      let mailbox = try await stage.mailbox()
      var requests: [Request] = []
      for _ in 0..<count {
        let request = Request.picture()
        let reply = try await request.ask(mailbox)
        #expect(reply.properties.type == MessageType.error)
        requests.append(request)
      }
      return (stage, mailbox, requests)
    }

    private static func names(_ requests: [Request]) -> [String] { requests.map { "message-" + $0.id } }

    // MARK: Looking

    @Test func lookingChangesNothing() async throws {
      let (stage, mailbox, requests) = try await Self.stageWithLetters(5)
      let dead = DeadProgram(stage)
      let other = Request.json(#"{"image":"%%%%"}"#)
      _ = try await other.ask(mailbox)
      for _ in 0..<3 {
        #expect(try await dead.ids("--code", "OCR_BACKEND_REJECTED_IMAGE") == Self.names(requests))
      }
      let run = try await dead.run("stats", "--json")
      #expect(run.code == 0)
      let statistics = try #require(try run.objects().first)
      #expect(statistics["letters"] as? Int == 6)
      let codes = statistics["codes"] as? [[String: any Sendable]] ?? []
      #expect(codes.map { $0["name"] as? String } == ["OCR_BACKEND_REJECTED_IMAGE", "OCR_IMAGE_NOT_BASE64"])
      #expect(codes.map { $0["letters"] as? Int } == [5, 1])
      let text = try await dead.run("stats").output
      #expect(text.contains("6 dead letters") && text.contains(ErrorCode.backendRejectedImage.advice))
      #expect(try await stage.waiting(in: "ocr.dead.unsupported_image") == 6)
      let letter = try await stage.take(from: "ocr.dead.unsupported_image", requests[0].id)
      #expect(letter.body == requests[0].body)
    }

    @Test func filtersChoose() async throws {
      let (stage, mailbox, requests) = try await Self.stageWithLetters(2)
      let dead = DeadProgram(stage)
      let other = Request.json(#"{"image":"#, api: "id-card")
      _ = try await other.ask(mailbox)
      #expect(try await dead.ids("--api", "id-card") == Self.names([other]))
      #expect(try await dead.ids("--cause", "malformed") == Self.names([other]))
      #expect(try await dead.ids("--cause", "unsupported_image", "--newer-than", "1h") == Self.names(requests))
      #expect(try await dead.ids("--older-than", "1h").isEmpty)
      #expect(try await dead.ids("--id", "message-\(requests[1].id)") == Self.names([requests[1]]))
      let limited = try await dead.run("list", "--limit", "1")
      #expect(limited.code == 0 && limited.errors.contains("2 more"))
    }

    @Test(arguments: [
      (["list", "--cause", "unsupported_imag"], "did you mean unsupported_image"),
      (["stats", "--code", "OCR_NONSENSE"], "there is no OCR_NONSENSE"),
      (["list", "--older-than", "5"], "90s, 15m, 2h or 7d"), (["list", "--id", "#12"], "8 to 32"),
      (["replay"], "Say which letters"), (["purge"], "Say which letters"),
      (["purge", "--all", "--cause", "poison"], "not both"),
      (["purge", "--all"], "--yes"), (["replay", "--all"], "--yes"), (["replay", "--all", "--rate", "0"], "--rate"),
    ])
    func mistakesAreExplained(_ arguments: [String], _ text: String) async throws {
      // Nothing listens there: a mistake is found before anything is connected.
      let dead = DeadProgram(url: "amqp://127.0.0.1:1")
      let process = try await dead.start(arguments)
      #expect(await process.waitForExit() == .code(2))
      #expect(process.errors.contains(text), "\(process.errors)")
    }

    @Test func brokersThatCannotBeUsedAreExplained() async throws {
      let nobody = try await DeadProgram(url: "amqp://127.0.0.1:1").run("stats")
      #expect(nobody.code == 3 && nobody.errors.contains("cannot reach the broker"))
      let broker = try await PrivateBroker.shared()
      let empty = try await DeadProgram(url: broker.makeVirtualHost()).run("stats")
      #expect(empty.code == 3 && empty.errors.contains("has a relay been started"), "\(empty.errors)")
    }

    @Test func showsOneLetterAndItsPicture() async throws {
      let (stage, _, requests) = try await Self.stageWithLetters(2)
      let dead = DeadProgram(stage)
      let folder = try TemporaryDirectory()
      let run = try await dead.run("show", "message-\(requests[1].id)", "--save", folder.path + "/pictures")
      #expect(run.code == 0)
      for text in [
        "OCR_BACKEND_REJECTED_IMAGE", ErrorCode.backendRejectedImage.advice, "AIS.0104", "message-\(requests[1].id)",
        "picture: PNG",
      ] {
        #expect(run.output.contains(text), "\(run.output)")
      }
      let path = try #require(run.errors.split(separator: "\n").first { $0.hasPrefix("saved ") }?.dropFirst(6))
      let picture = try Data(contentsOf: URL(filePath: String(path)))
      #expect(requests[1].body == Array(#"{"image":""#.utf8) + Array(picture.base64EncodedData()) + Array(#""}"#.utf8))
      #expect(try FileManager.default.attributesOfItem(atPath: String(path))[.posixPermissions] as? Int == 0o600)
      let again = try await dead.run("show", "message-\(requests[1].id)", "--save", folder.path + "/pictures")
      #expect(again.code == 1 && again.errors.contains("File exists"))
      let missing = try await dead.run("show", "message-nobody")
      #expect(missing.code == 1 && missing.errors.contains("there is no dead letter message-nobody"))
    }

    @Test func onlyOneOperatorWorks() async throws {
      let stage = try await Stage.shared()
      let other = try await stage.mailbox(.nothing)
      try await other.request(
        .declareQueue(.init(QueueName.deadLetterLock, durable: false, exclusive: true, autoDelete: true)))
      let run = try await DeadProgram(stage).run("stats")
      #expect(run.code == 8 && run.errors.contains("another operator"), "\(run.errors)")
      await other.close()
      #expect(try await DeadProgram(stage).run("stats").code == 0)
    }

    @Test func aForeignConsumerIsNamed() async throws {
      let (stage, _, _) = try await Self.stageWithLetters(1)
      let other = try await stage.mailbox(.queue("ocr.dead.poison"))
      let run = try await DeadProgram(stage).run("stats")
      #expect(run.code == 8 && run.errors.contains("ocr.dead.poison"), "\(run.errors)")
      await other.close()
    }

    // MARK: Moving

    @Test func parkedLettersAreOutOfSightAndComeBack() async throws {
      let (stage, mailbox, requests) = try await Self.stageWithLetters(3)
      let dead = DeadProgram(stage)
      let run = try await dead.run("park", "--id", "message-\(requests[0].id)", "--id", "message-\(requests[2].id)")
      #expect(run.code == 0 && run.output.contains("2 letters put aside"), "\(run.errors)")
      #expect(try await dead.ids() == Self.names([requests[1]]))
      #expect(try await dead.ids("--parked") == Self.names([requests[0], requests[2]]))
      try await stage.sandbox.removeFaults()
      let folder = try TemporaryDirectory()
      let replay = try await dead.run(
        "replay", "--parked", "--all", "--yes", "--plan", folder.path + "/plan")
      #expect(replay.code == 0 && replay.output.contains("2 letters sent, 2 recognised"), "\(replay)")
      for request in [requests[0], requests[2]] {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      #expect(try await dead.ids("--parked").isEmpty)
    }

    @Test func purgeDeletesWhatIsMeant() async throws {
      let (stage, mailbox, requests) = try await Self.stageWithLetters(3)
      let dead = DeadProgram(stage)
      _ = try await Request.json(#"{"image":"#).ask(mailbox)
      let run = try await dead.run("purge", "--cause", "malformed", "--yes")
      #expect(run.code == 0 && run.output == "1 letters deleted\n", "\(run)")
      #expect(try await dead.ids() == Self.names(requests))
      #expect(try await dead.run("purge", "--all", "--yes").output == "3 letters deleted\n")
      #expect(try await dead.ids().isEmpty)
    }

    @Test func exportCopiesEverything() async throws {
      let (stage, mailbox, requests) = try await Self.stageWithLetters(2)
      var binary = Request(api: "general-text", body: TestPicture.png(), contentType: "image/png")
      binary.properties.messageID = "../../escape"
      _ = try await binary.ask(mailbox)
      let folder = try TemporaryDirectory()
      let dead = DeadProgram(stage)
      let run = try await dead.run("export", folder.path + "/letters")
      #expect(run.code == 0 && run.output.contains("3 letters copied"), "\(run.errors)")
      let list = try String(contentsOfFile: folder.path + "/letters/letters.jsonl", encoding: .utf8)
      let objects = try DeadProgram.Run(code: 0, output: list, errors: "").objects()
      #expect(objects.map { $0["id"] as? String } == Self.names(requests) + ["../../escape"])
      for (object, request) in zip(objects, requests + [binary]) {
        let file = try #require(object["file"] as? String)
        #expect(!file.contains("/"))
        #expect(try Array(Data(contentsOf: URL(filePath: folder.path + "/letters/" + file))) == request.body)
      }
      #expect(objects.last.flatMap { $0["file"] as? String }?.hasSuffix(".png") == true)
      #expect(try await dead.run("export", folder.path + "/letters").code == 1)
      #expect(try await dead.ids().count == 3)
    }

    // MARK: Replay

    @Test func replayBringsTheAnswer() async throws {
      let (stage, mailbox, requests) = try await Self.stageWithLetters(4)
      let dead = DeadProgram(stage)
      let folder = try TemporaryDirectory()
      let plan = folder.path + "/plan"
      let dry = try await dead.run("replay", "--all", "--dry-run")
      #expect(dry.code == 0 && dry.output.contains("4 letters to send: 4 unsupported_image"), "\(dry)")
      #expect(try await dead.ids().count == 4)

      let canary = try await dead.run("replay", "--cause", "unsupported_image", "--yes", "--plan", plan)
      #expect(canary.code == 1 && canary.output.contains("the canary failed again"), "\(canary)")
      #expect(canary.output.contains("3 letters were not sent"))
      #expect(try await dead.ids().count == 4)
      // The canary's error comes a second time, for its second try.
      let again = await mailbox.reply(to: requests[0].id)
      #expect(again.properties.type == MessageType.error)
      let died = try await dead.run("list", "--json", "--id", "message-\(requests[0].id)").objects()
      #expect(died.first?["replay_count"] as? Int == 1)
      #expect((died.first?["history"] as? String)?.hasPrefix("OCR_BACKEND_REJECTED_IMAGE@") == true)
      #expect(died.first?["attempts"] as? Int == 1)
      #expect(died.first?["origin_routing_key"] as? String == QueueName.requests)

      try await stage.sandbox.removeFaults()
      // The letter that died again is another one now: the plan does not send it a second time.
      let rest = try await dead.run("replay", "--yes", "--plan", plan)
      #expect(rest.code == 0 && rest.output.contains("3 letters sent, 3 recognised"), "\(rest)")
      for request in requests.dropFirst() {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      #expect(try await dead.ids() == Self.names([requests[0]]))
      let callsBefore = try await stage.sandbox.calls().count
      let nothing = try await dead.run("replay", "--yes", "--plan", plan)
      #expect(nothing.code == 0 && nothing.output.contains("0 letters sent"), "\(nothing)")
      #expect(try await stage.sandbox.calls().count == callsBefore)
      let last = try await dead.run("replay", "--all", "--yes", "--plan", plan + "-2")
      #expect(last.code == 0 && last.output.contains("1 letters sent, 1 recognised"), "\(last)")
      #expect(await mailbox.reply(to: requests[0].id).properties.type == MessageType.result)
      #expect(await mailbox.waiting.isEmpty)
    }

    /// Each look begins when the broker has barely taken back what the look before it held; several windows are needed.
    @Test func everyLookFindsEveryLetter() async throws {
      let stage = try await Stage.make()
      let mailbox = try await stage.mailbox()
      let count = 300
      for number in 0..<count {
        let request = Request.picture()
        var properties = request.properties
        properties.replyTo = await mailbox.queue
        properties.messageID = "letter-\(number)"
        properties.headers.append("ocr-error-code", .string(ErrorCode.backendRejectedRequest.rawValue))
        properties.headers.append("ocr-origin-queue", .string(QueueName.requests))
        await mailbox.publish(request.body, key: "ocr.dead.invalid_request", properties)
      }
      let dead = DeadProgram(stage)
      let names = (0..<count).map { "letter-\($0)" }
      for _ in 0..<5 { #expect(try await dead.ids() == names) }
      let folder = try TemporaryDirectory()
      let replay = try await dead.run(
        "replay", "--all", "--yes", "--rate", "1000", "--plan", folder.path + "/plan")
      #expect(replay.code == 0 && replay.output.contains("300 letters sent, 300 recognised"), "\(replay)")
      #expect(try await dead.ids().isEmpty)
    }

    @Test func aPlanForOtherLettersIsRefused() async throws {
      let (stage, _, _) = try await Self.stageWithLetters(1)
      let dead = DeadProgram(stage)
      let folder = try TemporaryDirectory()
      let plan = folder.path + "/plan"
      _ = try await dead.run("replay", "--all", "--yes", "--plan", plan)
      let other = try await dead.run("replay", "--cause", "poison", "--yes", "--plan", plan)
      #expect(other.code == 2 && other.errors.contains("other letters"), "\(other)")
      let damaged = try folder.write("{}\n", to: "damaged")
      let broken = try await dead.run("replay", "--yes", "--plan", damaged)
      #expect(broken.code == 1 && broken.errors.contains("no replay plan"), "\(broken)")
    }

    /// Nothing is lost and at most the letter in flight is doubled, however often the tool is killed.
    @Test func killedReplaysGoOn() async throws {
      let (stage, mailbox, requests) = try await Self.stageWithLetters(30)
      try await stage.sandbox.removeFaults()
      let dead = DeadProgram(stage)
      let folder = try TemporaryDirectory()
      let plan = folder.path + "/plan"
      var arguments = ["replay", "--all", "--yes", "--plan", plan, "--rate", "40"]
      var answers: [String: Int] = [:]
      for count in [3, 11, 19] {
        let process = try await dead.start(arguments)
        while answers.count < count {
          let reply = await mailbox.message { $0.properties.type == MessageType.result }
          answers[reply.properties.correlationID ?? "", default: 0] += 1
        }
        await process.kill()
        arguments = ["replay", "--yes", "--plan", plan, "--rate", "40"]
      }
      let last = try await dead.run("replay", "--yes", "--plan", plan)
      #expect(last.code == 0, "\(last)")
      while answers.count < requests.count {
        let reply = await mailbox.message { $0.properties.type == MessageType.result }
        answers[reply.properties.correlationID ?? "", default: 0] += 1
      }
      for reply in await mailbox.waiting { answers[reply.properties.correlationID ?? "", default: 0] += 1 }
      #expect(Set(answers.keys) == Set(requests.map(\.id)))
      let doubled = answers.values.reduce(0) { $0 + $1 - 1 }
      #expect(doubled <= 3, "one for each kill at most")
      #expect(try await dead.ids().isEmpty)
    }

    /// A request that goes through a retry level keeps its notice, and its publisher.
    @Test func noticesFollowTheSameRulesAsReplies() async throws {
      let stage = try await Stage.shared()
      let mailbox = try await stage.mailbox()
      try await mailbox.request(.declareQueue(.init("not-yours", arguments: ["x-queue-type": .string("quorum")])))
      try await mailbox.request(
        .declareQueue(.init("ocr.reply.notice", arguments: ["x-queue-type": .string("quorum")])))
      for target in ["not-yours", "ocr.requests", "answers/any", "amq.topic/any", "/", "ocr.reply.notice"] {
        var request = Request.picture()
        request.properties.headers.append("ocr-outcome-to", .string(target))
        request.properties.headers.append("ocr-replay-id", .string("own-id"))
        #expect(try await request.ask(mailbox).properties.type == MessageType.result)
      }
      // The last one is allowed; when its notice is there, those before it would be too.
      let notices = try await stage.mailbox(.queue("ocr.reply.notice"))
      let notice = await notices.message()
      #expect(notice.properties.type == "ocr.outcome.v1")
      #expect(notice.properties.correlationID == "own-id")
      let body = try #require(OutcomeNotice(decoding: notice.body))
      #expect(body.outcome == "ok" && body.deadLetter == nil)
      #expect(try await stage.waiting(in: "not-yours") == 0)
      #expect(try await stage.waiting(in: QueueName.requests) == 0)
    }
  }
}
