import Foundation
import TestSupport
import Testing

extension IntegrationTests {
  /// Programs that know nothing of this project.
  @Suite struct InteropTests {
    @Test func clientsFromPyPIGetTheirReplies() async throws {
      let stage = try await Stage.make(relay: [
        "REPLIES_ALLOW": "amq.rabbitmq.reply-to.*, amq.gen-*, ocr.reply.*, interop.*/*"
      ])
      let output = try await ChildProcess.run(
        Repository.path("Tests/Proofs/environment.sh"), ["interop.py", "--url", stage.url])
      #expect(output.split(separator: "\n").filter { $0.hasPrefix("ok ") }.count == 18)
    }

    /// The short form of `make chaos`.
    @Test func requestsSurviveKilledRelaysAndAStoppedBroker() async throws {
      try await prove("chaos.py", ["--stops", "1", "--kills", "2", "--pause", "1.5", "--rate", "60"])
    }

    /// The short form of `make crash-matrix`: debug builds have its failpoints.
    @Test func nothingIsLostWhereverARelayDies() async throws {
      try await prove("crashes.py", ["--kills", "2"])
    }

    /// The short form of `make mixed`.
    @Test func everyRequestEndsThroughMixedFaults() async throws {
      try await prove("mixed.py", ["--requests", "2000", "--faults", "6"])
    }

    /// The short form of `make sdk`.
    @Test func theVendorsLibraryTakesTheRelaysSignatures() async throws {
      try await prove("sdk.py", ["--requests", "30"])
    }

    /// The short form of `make tokens`.
    @Test func aRevokedTokenCostsAFleetOneLogin() async throws {
      try await prove("tokens.py", ["--only", "revocation", "--relays", "3", "--flight", "60"])
    }

    /// The short form of `make rate`.
    @Test func aServiceThatIsDownIsLeftInPeace() async throws {
      try await prove("rate.py", ["--short"])
    }

    /// Runs one of the long proofs with the programs that the tests have built.
    private func prove(_ proof: String, _ arguments: [String]) async throws {
      var environment = ProcessInfo.processInfo.environment
      let reports = try TemporaryDirectory()
      environment["PROOFS_PROGRAMS"] = Programs.folder
      environment["PROOFS_REPORTS"] = reports.path
      let output = try await ChildProcess.run(
        Repository.path("Tests/Proofs/environment.sh"), [proof] + arguments, environment: environment)
      #expect(output.contains("All promises kept."))
    }
  }
}
