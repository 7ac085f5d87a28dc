import Foundation
import TestSupport

/// `ocr-relay dead` for the broker of a stage.
struct DeadProgram: Sendable {
  let url: String

  /// A run that has ended.
  struct Run: Sendable {
    var code: Int32?
    var output: String
    var errors: String

    /// Its output, a line of JSON each.
    func objects() throws -> [[String: any Sendable]] {
      try output.split(separator: "\n").map { line in
        let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
        guard let object = value as? [String: any Sendable] else { throw TestFailure("no object: \(line)") }
        return object
      }
    }
  }

  init(_ stage: Stage) { url = stage.url }

  init(url: String) { self.url = url }

  /// Starts it.
  func start(_ arguments: [String]) async throws -> ChildProcess {
    var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("OCR_RELAY_") }
    environment["OCR_RELAY_AMQP_URL"] = url
    return try await ChildProcess.start(Programs.relay, ["dead"] + arguments, environment: environment)
  }

  /// Runs it to its end.
  func run(_ arguments: String...) async throws -> Run {
    let process = try await start(arguments)
    let exit = await process.waitForExit()
    let code: Int32? = if case .code(let code) = exit { code } else { nil }
    return Run(code: code, output: process.output, errors: process.errors)
  }

  /// Ids of the letters, in the order in which they are listed.
  func ids(_ arguments: String...) async throws -> [String] {
    let process = try await start(["list", "--json", "--limit", "100000"] + arguments)
    _ = await process.waitForExit()
    let run = Run(code: 0, output: process.output, errors: process.errors)
    return try run.objects().compactMap { $0["id"] as? String }
  }
}
