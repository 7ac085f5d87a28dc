import Foundation
import TestSupport
import Testing

@testable import OCRRelay

/// What the deployment files set must be settings: a relay does not start with a variable that it does not know.
struct DeploymentFilesTests {
  private static func text(_ path: String) throws -> String {
    try String(contentsOfFile: Repository.path(path), encoding: .utf8)
  }

  @Test(
    arguments: [
      "docker/Dockerfile", "docker/compose.yaml", "docker/kubernetes/relay.yaml", "docker/systemd/ocr-relay.service",
      "docker/systemd/ocr-relay-console.service",
    ])
  func variablesAreSettings(_ path: String) throws {
    let known = Set(RelayConfiguration.settings.flatMap { [$0.variable] + [$0.fileVariable].compactMap { $0 } })
    let names = try Self.text(path).matches(of: /OCR_RELAY_[A-Z_]+/).map { String($0.output) }
    #expect(!names.isEmpty)
    for name in names { #expect(known.contains(name), "\(path): \(name)") }
  }

  @Test func theConfigurationOfTheManifestsLoads() throws {
    let manifest = try Self.text("docker/kubernetes/relay.yaml")
    let start = try #require(manifest.range(of: "  ocr-relay.yaml: |\n")).upperBound
    let lines = manifest[start...].split(separator: "\n", omittingEmptySubsequences: false)
    let yaml = lines.prefix { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }.joined(separator: "\n")
    let folder = try TemporaryDirectory()
    let file = try folder.write(yaml + "\n", to: "ocr-relay.yaml")
    let loaded = try RelayConfiguration.load(file: file, environment: ["OCR_RELAY_AUTH_PASSWORD": "p"])
    #expect(loaded.configuration.amqp.topology == .verify)
    #expect(loaded.origins.count > 3)
  }

  @Test func stoppingGivesTheRelayItsTime() throws {
    let seconds = Int(RelayConfiguration().shutdown.timeout.components.seconds)
    for (path, pattern) in [
      ("docker/systemd/ocr-relay.service", #/TimeoutStopSec=(\d+)/#),
      ("docker/kubernetes/relay.yaml", #/terminationGracePeriodSeconds: (\d+)/#),
      ("docker/compose.yaml", #/stop_grace_period: (\d+)s/#),
    ] {
      let match = try #require(try Self.text(path).firstMatch(of: pattern))
      #expect(Int(match.1).map { $0 > seconds } == true, "\(path)")
    }
  }
}
