import ArgumentParser
import Glibc
import OCRRelay

/// The program: reads the command line, runs the command, ends with a documented exit code.
@main
struct Program: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ocr-relay",
    abstract: "Reads pictures through a message queue: requests in, text out.",
    discussion: "Exit codes:\n" + ExitReason.table,
    subcommands: [
      ServeCommand.self, RecognizeCommand.self, DeadCommand.self, ConsoleCommand.self, DoctorCommand.self,
      HealthCommand.self,
      TopologyCommand.self, CheckConfigCommand.self, ErrorsCommand.self,
    ])

  static func main() {
    // A reader that goes away is an error code of write(), not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    do {
      try run()
      end(ExitReason.success.rawValue)
    } catch {
      end(report(error))
    }
  }

  private static func run() throws {
    if let arguments = ServeArguments(CommandLine.arguments.dropFirst()) {
      return try ServeCommand.serve(configurationFile: arguments.configurationFile)
    }
    var command = try parseAsRoot()
    try command.run()
  }

  /// Ends the process at once. `exit` would run the last functions of the libraries while the threads of loops are still
  /// ending: one that gives back what it holds of OpenSSL then crashes the program that has done its work.
  private static func end(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
  }

  /// Prints what there is to say about an error and returns the exit code.
  private static func report(_ error: any Error) -> Int32 {
    if let failure = error as? CommandFailure {
      for line in PrintableText.lines(of: failure.message) { Terminal.printError("ocr-relay: \(line)") }
      return failure.status.rawValue
    }
    let code = exitCode(for: error)
    let message = fullMessage(for: error)
    if code == .success {
      if !message.isEmpty { Terminal.print(message) }
      return ExitReason.success.rawValue
    }
    if !message.isEmpty { Terminal.printError(message) }
    return code == .validationFailure ? ExitReason.usage.rawValue : code.rawValue
  }
}
