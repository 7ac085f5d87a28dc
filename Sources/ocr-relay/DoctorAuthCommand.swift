import ArgumentParser
import EventLoop
import OCRRelay

/// `ocr-relay doctor auth`.
struct DoctorAuthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "auth",
    abstract: "Try the credential as a relay would, and explain what is wrong.",
    discussion: """
      Logs in once where the kind of credential has a login, then makes one call without a picture, which costs \
      nothing. Run it once at a time: services lock accounts and keys after a few failures. The exit code is \
      \(ExitReason.configuration.rawValue) when the credential is refused, and \
      \(ExitReason.serviceUnreachable.rawValue) when nobody answers.
      """)

  @OptionGroup var options: ConfigurationOptions

  @Option(help: ArgumentHelp("The API that is called.", valueName: "name"))
  var api = "general-text"

  @Flag(help: "With auth.kind app_secret: log in although that ends the tokens of running relays.")
  var logIn = false

  func run() throws {
    let configuration = try options.load().configuration
    let (api, logIn) = (api, logIn)
    let loop = try EventLoop(name: "doctor")
    try loop.runBlocking {
      let doctor = AuthDoctor(loop: loop, configuration: configuration, api: api, endsOtherTokens: logIn)
      try Self.show(await doctor.examine())
    }
  }

  /// Prints a report and ends with its exit code.
  static func show(_ report: AuthReport) throws(CommandFailure) {
    let lines = report.text.split(separator: "\n", omittingEmptySubsequences: false)
    Terminal.write(lines.map { PrintableText.of(String($0)) }.joined(separator: "\n"))
    switch report.outcome {
    case .fine, .skipped: break
    case .wrong: throw CommandFailure(.configuration)
    case .unreachable: throw CommandFailure(.serviceUnreachable)
    }
  }
}
