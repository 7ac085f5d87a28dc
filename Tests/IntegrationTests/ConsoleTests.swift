import AMQP
import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// The console with the real broker and a relay; what browsers make of it is proven by `make console`.
  @Suite struct ConsoleTests {
    private static let rejected = #"{"kind":"status","status":400,"code":"AIS.0104","message":"not a <picture>"}"#
    private static let choice = ["place": "dead", "code": "OCR_BACKEND_REJECTED_IMAGE"]
    private static let care = ["canaries": "1", "rate": "100", "stop_after": "3"]

    private static func stageWithLetters(
      _ count: Int
    ) async throws -> (Stage, Mailbox, ConsoleProgram, [Request]) {
      let stage = try await Stage.make(relay: HealthProbe.setting)
      try await stage.sandbox.add(fault: rejected)
      let mailbox = try await stage.mailbox()
      var requests: [Request] = []
      for _ in 0..<count {
        let request = Request.picture()
        _ = try await request.ask(mailbox)
        requests.append(request)
      }
      let relay = try await HealthProbe(of: stage.relay).url
      return (stage, mailbox, try await ConsoleProgram.start(stage, relays: [relay]), requests)
    }

    @Test func lettersAreShownWithTheirPictures() async throws {
      let (stage, _, console, requests) = try await Self.stageWithLetters(3)
      let causes = try await console.send("/causes").text
      #expect(causes.contains("OCR_BACKEND_REJECTED_IMAGE"))
      #expect(causes.contains(ErrorCode.backendRejectedImage.advice))
      #expect(causes.contains("not a &lt;picture&gt;"))
      let letters = try await console.send("/letters?code=OCR_BACKEND_REJECTED_IMAGE").text
      for request in requests { #expect(letters.contains("message-\(request.id)".prefix(40))) }
      let path = try #require(letters.firstMatch(of: /\/letters\/[0-9a-f]{32}/).map { String($0.output) })
      let letter = try await console.send(path)
      #expect(letter.status == 200)
      #expect(letter.text.contains("\(path)/picture?place=dead"))
      let picture = try await console.send(path + "/picture")
      #expect(picture.status == 200)
      #expect(picture.headers["content-type"] == "image/png")
      #expect(picture.headers["x-content-type-options"] == "nosniff")
      let file = try await console.send(path + "/file")
      #expect(file.headers["content-type"] == "application/octet-stream")
      #expect(file.body == picture.body)
      #expect(try await console.send(path.dropLast() + "x").status == 404)
      #expect(try await stage.waiting(in: "ocr.dead.unsupported_image") == 3)
    }

    @Test func theOverviewFollowsRelaysAndQueues() async throws {
      let (_, _, console, _) = try await Self.stageWithLetters(2)
      let page = try await console.page("/", saying: "The relay is working.")
      #expect(page.contains("badge good"))
      let later = try await console.page("/", saying: "<code>ocr.dead.unsupported_image</code>")
      #expect(later.contains("/causes"))
    }

    @Test func aReplayWaitsForItsCanaryAndGoesOn() async throws {
      let (stage, mailbox, console, requests) = try await Self.stageWithLetters(4)
      let early = try await console.job("/replay", form: Self.choice.merging(Self.care) { $1 })
      #expect(early.contains("A canary failed again with OCR_BACKEND_REJECTED_IMAGE"))
      #expect(early.contains("3 letters were not sent"))
      let plan = try #require(early.firstMatch(of: /\/jobs\/([0-9a-f-]+)\/resume/).map { String($0.1) })
      #expect(try await stage.waiting(in: "ocr.dead.unsupported_image") == 4)

      try await stage.sandbox.removeFaults()
      let rest = try await console.job("/jobs/\(plan)/resume", form: Self.care)
      #expect(rest.contains("4 of 4 letters sent, 3 recognised"))
      for request in requests.dropFirst() {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      #expect(try await stage.waiting(in: "ocr.dead.unsupported_image") == 1)
      let audit = try await console.send("/audit").text
      #expect(audit.contains("<td>replay</td>") && audit.contains("<td>resume</td>"))
      #expect(audit.contains("ended: 3 recognised"))
    }

    @Test func lettersAreDeletedOnlyAsSeen() async throws {
      let (stage, _, console, _) = try await Self.stageWithLetters(3)
      let wrong = try await console.send("/purge", form: Self.choice.merging(["count": "2"]) { $1 })
      #expect(wrong.status == 400)
      #expect(wrong.text.contains("Nothing was deleted"))
      #expect(try await stage.waiting(in: "ocr.dead.unsupported_image") == 3)
      let parked = try await console.job("/park", form: Self.choice)
      #expect(parked.contains("3 letters put aside"))
      #expect(try await stage.waiting(in: QueueName.parked) == 3)
      let form = ["place": "parked", "code": "OCR_BACKEND_REJECTED_IMAGE", "count": "3"]
      let deleted = try await console.job("/purge", form: form)
      #expect(deleted.contains("3 letters deleted"))
      #expect(try await stage.waiting(in: QueueName.parked) == 0)
    }

    @Test func readersDoNothing() async throws {
      let (stage, _, console, _) = try await Self.stageWithLetters(1)
      for path in ["/replay", "/park", "/purge"] {
        let form = Self.choice.merging(Self.care) { $1 }.merging(["count": "1"]) { $1 }
        #expect(try await console.send(path, token: ConsoleProgram.readToken, form: form).status == 403)
        #expect(try await console.send(path, token: "wrong", form: form).status == 401)
      }
      #expect(try await stage.waiting(in: "ocr.dead.unsupported_image") == 1)
      for secret in [ConsoleProgram.operateToken, ConsoleProgram.readToken] {
        #expect(!console.process.errors.contains(secret))
      }
    }

    @Test(arguments: [
      ([:], "nobody could log in"), (["OPERATE_TOKEN": "short"], "fewer than 16 bytes"),
      (["OPERATE_TOKEN": "0123456789abcdef", "READ_TOKEN": "0123456789abcdef"], "the same as"),
      (["OPERATE_TOKEN": "0123456789abcdef", "TRUSTED_PROXIES": "10.0.0.0/99"], "neither an address nor a range"),
      (["OPERATE_TOKEN": "0123456789abcdef", "RELAYS": "relay:8080"], "does not begin with http://"),
    ])
    func wrongSettingsAreExplained(_ settings: [String: String], _ text: String) async throws {
      let directory = try TemporaryDirectory()
      var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("OCR_RELAY_") }
      environment["OCR_RELAY_CONSOLE_STATE_FOLDER"] = directory.path("state")
      for (name, value) in settings { environment["OCR_RELAY_CONSOLE_" + name] = value }
      let process = try await ChildProcess.start(
        Programs.relay, ["console", "--config", "/dev/null"], environment: environment)
      #expect(await process.waitForExit() == .code(5))
      #expect(process.errors.contains(text))
    }
  }
}
