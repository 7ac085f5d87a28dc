import ArgumentParser
import EventLoop
import OCRRelay

/// `ocr-relay health`.
struct HealthCommand: ParsableCommand {
  /// What is asked.
  enum Question: String, ExpressibleByArgument, CaseIterable {
    case live, ready, consuming

    var path: String {
      switch self {
      case .live: "/livez"
      case .ready: "/readyz"
      case .consuming: "/consumingz"
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "health",
    abstract: "Ask the relay on this machine how it is: live, ready or consuming.",
    discussion: """
      For health checks of containers. Asks the port of http.listen; the exit code is 0 for yes and \
      \(ExitReason.checkFailed.rawValue) for no.
      """)

  @Argument(help: "live, ready or consuming.")
  var question = Question.live

  @OptionGroup var options: ConfigurationOptions

  func run() throws {
    guard let listen = try options.loadTopology().configuration.http.listen else {
      throw CommandFailure(.configuration, "http.listen is not set: the relay opens no port")
    }
    let loop = try EventLoop(name: "health")
    try loop.runBlocking { [question] in
      switch await HealthInquiry(loop: loop).status(of: question.path, listen: listen) {
      case 200: break
      case let status?: throw CommandFailure(.checkFailed, "not \(question.rawValue) (HTTP \(status))")
      case nil: throw CommandFailure(.checkFailed, "nobody answers on \(listen)")
      }
    }
  }
}
