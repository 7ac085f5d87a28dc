import ArgumentParser
import Console
import Glibc
import Logging
import OCRRelay

/// The program `ocr-relay-console`: what `ocr-relay console` starts.
@main
struct ConsoleProgram: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ocr-relay-console",
    abstract: "Pages for operators: relays, queues and dead letters in a browser.",
    discussion: """
      Set console.operate_token or console.read_token (OCR_RELAY_CONSOLE_OPERATE_TOKEN_FILE, …) and console.relays; \
      `ocr-relay check-config --print-default` explains them. SIGTERM and SIGINT end it.
      """)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The configuration file; else $OCR_RELAY_CONFIG, else \(ConsoleProgram.usualFile) if there is one.",
      valueName: "file"))
  var config: String?

  private static let usualFile = "/etc/ocr-relay/ocr-relay.yaml"

  func run() async throws {
    signal(SIGPIPE, SIG_IGN)
    let environment = Self.environment()
    let file = config ?? environment["OCR_RELAY_CONFIG"] ?? (access(Self.usualFile, F_OK) == 0 ? Self.usualFile : nil)
    do {
      let settings = try RelayConfiguration.loadTopology(file: file, environment: environment).configuration
      RelayLogHandler.level = Logger.Level(rawValue: settings.log.level.rawValue) ?? .info
      let logger = Logger(label: "ocr-relay-console") { _ in RelayLogHandler(format: settings.log.format) }
      try await ConsoleServer(ConsoleOptions(settings), logger: logger).run()
      // Not exit: the last functions of the libraries must not run while threads of loops are still ending.
      fflush(nil)
      _exit(0)
    } catch let error as ConfigurationError {
      throw Self.failure(error.description, code: 5)
    } catch let error as ConsoleError {
      throw Self.failure(error.description, code: 5)
    } catch {
      throw Self.failure("the console has ended: \(error)", code: 70)
    }
  }

  private static func failure(_ text: String, code: Int32) -> ExitCode {
    let lines = text.split(separator: "\n").map { "ocr-relay-console: \($0)\n" }.joined()
    _ = Array(lines.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    return ExitCode(code)
  }

  private static func environment() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    return variables
  }
}
