import Foundation
import TestSupport

/// `ocr-relay serve` as a child process.
final class RelayProcess: Sendable {
  let process: ChildProcess
  private let directory: TemporaryDirectory

  private init(process: ChildProcess, directory: TemporaryDirectory) {
    self.process = process
    self.directory = directory
  }

  deinit { process.send(signal: SIGKILL) }

  /// Starts it with settings given as environment variables, their common prefix left out; does not wait for anything.
  static func launch(_ settings: [String: String]) async throws -> RelayProcess {
    let directory = try TemporaryDirectory()
    let file = try directory.write("", to: "ocr-relay.yaml")
    var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("OCR_RELAY_") }
    // Relays of a test share nothing unless it wants them to.
    environment["OCR_RELAY_AUTH_STORE_FOLDER"] = directory.path("state")
    for (name, value) in settings { environment["OCR_RELAY_" + name] = value }
    let process = try await ChildProcess.start(
      Programs.relay, ["serve", "--config", file], environment: environment)
    return RelayProcess(process: process, directory: directory)
  }

  /// Starts it and waits until it takes requests.
  static func start(_ settings: [String: String]) async throws -> RelayProcess {
    let relay = try await launch(settings)
    try await relay.log("notice consuming")
    return relay
  }

  /// Settings for a broker and a sandbox.
  static func settings(amqp: String, sandbox: String, _ more: [String: String] = [:]) -> [String: String] {
    [
      "AMQP_URL": amqp, "AMQP_RECONNECT_MIN_SECONDS": "0.1", "AMQP_RECONNECT_MAX_SECONDS": "1",
      "BACKEND_ENDPOINT": sandbox, "AUTH_ENDPOINT": sandbox, "AUTH_USERNAME": "tester",
      "AUTH_PASSWORD": Sandbox.password, "AUTH_DOMAIN_NAME": "test-company",
    ].merging(more) { _, new in new }
  }

  /// Waits for a line of its log that contains the text, and the other one if there is one.
  @discardableResult
  func log(_ text: String, and other: String? = nil) async throws -> String {
    try await process.waitForLine(containing: text, and: other)
  }

  /// Lines of its log so far that contain the text.
  func lines(_ text: String) -> [String] {
    process.errors.split(separator: "\n").map(String.init).filter { $0.contains(text) }
  }

  /// Processor time it has used, in seconds.
  func processorSeconds() throws -> Double {
    let stat = try String(contentsOfFile: "/proc/\(process.pid)/stat", encoding: .utf8)
    let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
      throw TestFailure("cannot read \(stat)")
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
