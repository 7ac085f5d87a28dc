import AMQP
import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// Every way to authenticate, with a real relay between broker and sandbox.
  @Suite struct CredentialTests {
    private static let accessKey = [
      "AUTH_KIND": "ak_sk", "AUTH_ACCESS_KEY": "SANDBOXACCESSKEY0001", "AUTH_SECRET_KEY": "sandbox-secret-key",
      "BACKEND_PROJECT_ID": Sandbox.project,
    ]
    private static let bearer = [
      "AUTH_KIND": "bearer", "AUTH_BEARER_KEY": "sk-sandbox", "BACKEND_PROJECT_ID": Sandbox.project,
    ]

    private static func application(_ url: String) -> [String: String] {
      [
        "AUTH_KIND": "app_secret", "AUTH_APP_ID": "sandbox-app", "AUTH_APP_SECRET": "sandbox-app-secret",
        "BACKEND_PROJECT_ID": Sandbox.project,
      ]
    }

    @Test(arguments: [accessKey, bearer, application("")])
    func requestsAreAnsweredUnderEveryKindOfCredential(_ settings: [String: String]) async throws {
      let stage = try await Stage.make(relay: settings)
      let mailbox = try await stage.mailbox()
      let requests = (0..<20).map { _ in Request.picture() }
      for request in requests { try await request.send(by: mailbox, to: await mailbox.queue) }
      for request in requests {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      let calls = try await stage.sandbox.calls()
      #expect(calls.allSatisfy { $0.outcome == "ok" })
      #expect(calls.count { $0.api == "app-login" } == (settings["AUTH_KIND"] == "app_secret" ? 1 : 0))
      #expect(calls.count { $0.api == "iam" } == 0)
    }

    @Test func aPictureIsSignedAsItIsEncoded() async throws {
      let stage = try await Stage.make(relay: Self.accessKey)
      let mailbox = try await stage.mailbox()
      for side in [1, 2, 3, 300] {
        let picture = TestPicture.png(width: 100 + side, height: 100)
        let request = Request(api: "general-text", body: picture, contentType: "image/png")
        #expect(try await request.ask(mailbox).properties.type == MessageType.result)
      }
    }

    @Test func aWrongKeyIsTriedByOneCallAndReplacedWithoutARestart() async throws {
      let file = FileManager.default.temporaryDirectory.appending(path: "ocr-relay-key-\(UUID().uuidString)")
      try "not-the-key\n".write(to: file, atomically: true, encoding: .utf8)
      defer { try? FileManager.default.removeItem(at: file) }
      var settings = Self.accessKey
      settings["AUTH_SECRET_KEY"] = nil
      settings["AUTH_SECRET_KEY_FILE"] = file.path
      let stage = try await Stage.make(relay: settings)
      let mailbox = try await stage.mailbox()
      let requests = (0..<10).map { _ in Request.picture() }
      for request in requests { try await request.send(by: mailbox, to: await mailbox.queue) }
      let line = try await stage.relay.log("the key was refused")
      #expect(line.contains("audit=refuse") && line.contains("advice="))
      try await stage.relay.log("requests wait in the queue")
      #expect(try await stage.sandbox.calls(of: "general-text").map(\.status) == [401])
      try "sandbox-secret-key\n".write(to: file, atomically: true, encoding: .utf8)
      try await stage.relay.log("a secret was replaced")
      for request in requests {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      #expect(try await stage.sandbox.calls(of: "general-text").count { $0.status == 401 } == 1)
      #expect(!stage.relay.process.errors.contains("sandbox-secret-key"))
      #expect(!stage.relay.process.errors.contains("not-the-key"))
    }

    @Test func relaysTryAnAccessKeyByTurnsAndBelieveEachOther() async throws {
      let folder = try TemporaryDirectory()
      let key = try folder.write("not-the-key\n", to: "key")
      var settings = Self.accessKey.merging(["AUTH_STORE_FOLDER": folder.path("state")]) { $1 }
      settings["AUTH_SECRET_KEY"] = nil
      settings["AUTH_SECRET_KEY_FILE"] = key
      let stage = try await Stage.make(relay: settings)
      let other = try await RelayProcess.start(
        RelayProcess.settings(amqp: stage.url, sandbox: stage.sandbox.url, settings))
      let mailbox = try await stage.mailbox()
      let requests = (0..<40).map { _ in Request.picture() }
      for request in requests { try await request.send(by: mailbox, to: await mailbox.queue) }
      for relay in [stage.relay, other] { try await relay.log("requests wait in the queue") }
      #expect(try await stage.sandbox.calls(of: "general-text").map(\.status) == [401], "one trial for both")
      _ = try folder.write("sandbox-secret-key\n", to: "key")
      for request in requests {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      for relay in [stage.relay, other] { #expect(await relay.process.terminate() == .code(0)) }
      #expect(try await stage.sandbox.calls(of: "general-text").count { $0.status == 401 } == 1)
    }

    @Test func aTokenOfAnApplicationIsRenewedByItsRefreshToken() async throws {
      let stage = try await Stage.make(
        relay: Self.application(""), sandbox: ["--instant", "--token-lifetime-seconds", "6"])
      let mailbox = try await stage.mailbox()
      while try await stage.sandbox.calls().count(where: { $0.api == "app-refresh" }) < 2 {
        #expect(try await Request.picture().ask(mailbox).properties.type == MessageType.result)
      }
      #expect(try await stage.sandbox.calls().count { $0.api == "app-login" } == 1)
    }

    @Test func aVoidTokenOfAnApplicationCostsNoRequest() async throws {
      let stage = try await Stage.make(relay: Self.application(""))
      let mailbox = try await stage.mailbox()
      #expect(try await Request.picture().ask(mailbox).properties.type == MessageType.result)
      try await stage.sandbox.revokeTokens()
      let requests = (0..<20).map { _ in Request.picture() }
      for request in requests { try await request.send(by: mailbox, to: await mailbox.queue) }
      for request in requests {
        #expect(await mailbox.reply(to: request.id).properties.type == MessageType.result)
      }
      #expect(try await stage.sandbox.calls().count { $0.api == "app-refresh" } == 1)
    }

    @Test func aClockThatIsOffIsNamed() async throws {
      let stage = try await Stage.make(
        relay: Self.accessKey, sandbox: ["--instant", "--clock-offset-seconds", "3600"])
      let mailbox = try await stage.mailbox()
      try await Request.picture().send(by: mailbox, to: await mailbox.queue)
      let line = try await stage.relay.log("the key was refused")
      #expect(line.contains("APIG.0303") && line.contains("clock"))
    }
  }
}
