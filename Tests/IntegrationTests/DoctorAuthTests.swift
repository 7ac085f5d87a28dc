import Foundation
import TestSupport
import Testing

extension IntegrationTests {
  /// `ocr-relay doctor auth` against a sandbox.
  @Suite struct DoctorAuthTests {
    private static let key = [
      "AUTH_KIND": "ak_sk", "AUTH_ACCESS_KEY": "SANDBOXACCESSKEY0001", "AUTH_SECRET_KEY": "sandbox-secret-key",
      "BACKEND_PROJECT_ID": Sandbox.project,
    ]

    private func doctor(
      _ sandbox: Sandbox, _ settings: [String: String] = [:]
    ) async throws -> (exit: ChildProcess.Exit, text: String) {
      var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("OCR_RELAY_") }
      let directory = try TemporaryDirectory()
      defer { withExtendedLifetime(directory) {} }
      environment["OCR_RELAY_AUTH_STORE_FOLDER"] = directory.path("state")
      for (name, value) in RelayProcess.settings(amqp: "amqp://127.0.0.1", sandbox: sandbox.url, settings) {
        environment["OCR_RELAY_" + name] = value
      }
      let process = try await ChildProcess.start(
        Programs.relay, ["doctor", "auth", "--config", "/dev/null"], environment: environment)
      return (await process.waitForExit(), process.output)
    }

    @Test func rightCredentialsAreFine() async throws {
      let sandbox = try await Sandbox.start()
      for settings in [[:], Self.key] {
        let (exit, text) = try await doctor(sandbox, settings)
        #expect(exit == .code(0) && text.contains("takes calls under this credential"), "\(text)")
      }
      #expect(try await sandbox.calls(of: "general-text").allSatisfy { $0.outcome == "refused" }, "nothing is paid")
    }

    @Test(arguments: [
      (["AUTH_PASSWORD": "other-password"], "One of the three is wrong"),
      (["AUTH_PROJECT_NAME": "nowhere"], "never opened in the console"),
      (key.merging(["AUTH_SECRET_KEY": "other-key"]) { $1 }, "does not belong to the access key"),
      (key.merging(["AUTH_ACCESS_KEY": "OTHER"]) { $1 }, "is unknown"),
    ])
    func wrongOnesAreExplained(_ settings: [String: String], _ words: String) async throws {
      let (exit, text) = try await doctor(try await Sandbox.start(), settings)
      #expect(exit == .code(5) && text.contains(words), "\(text)")
      #expect(!text.contains("other-password") && !text.contains("other-key"))
    }

    @Test func aMissingSubscriptionIsExplained() async throws {
      let sandbox = try await Sandbox.start()
      try await sandbox.add(fault: #"{"kind":"status","status":403,"code":"ModelArts.4204","message":"x"}"#)
      let (exit, text) = try await doctor(sandbox)
      #expect(exit == .code(5) && text.contains("not subscribed"), "\(text)")
    }

    @Test func whoDoesNotAnswerIsNamed() async throws {
      let sandbox = try await Sandbox.start()
      let (exit, text) = try await doctor(sandbox, ["BACKEND_ENDPOINT": "http://127.0.0.1:1"])
      #expect(exit == .code(7) && text.contains("Nothing answers at"), "\(text)")
    }
  }
}
