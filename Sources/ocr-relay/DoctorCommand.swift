import ArgumentParser
import EventLoop
import OCRRelay

/// `ocr-relay doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look at everything that a relay needs, and say what is wrong and what to do.",
    discussion: """
      Configuration, broker, rights, exchanges and queues, policies and alarms, the way to the OCR service, Redis, \
      clock, limits of the machine. Changes nothing, pays for nothing, takes no request; a relay may run meanwhile. The exit code is \
      \(ExitReason.checkFailed.rawValue) when the relay could not do its work.
      """,
    subcommands: [DoctorAuthCommand.self])

  @OptionGroup var options: ConfigurationOptions

  @Option(
    help: ArgumentHelp(
      "The broker's management API, which tells policies and alarms; else its usual port on the broker's host.",
      valueName: "url"))
  var management: String?

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let loaded = try options.load()
    let address = management.map { text in String(text.reversed().drop { $0 == "/" }.reversed()) }
    let loop = try EventLoop(name: "doctor")
    try loop.runBlocking {
      try Self.show(await Doctor(loop: loop, configuration: loaded, managementAddress: address).examine(), json: json)
    }
  }

  /// Prints a report and ends with its exit code.
  static func show(_ report: DoctorReport, json: Bool) throws(CommandFailure) {
    Terminal.write(json ? report.json : report.text)
    if !report.isHealthy { throw CommandFailure(.checkFailed) }
  }
}
