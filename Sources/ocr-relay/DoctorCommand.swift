import ArgumentParser
import EventLoop
import OCRRelay

/// `ocr-relay doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look at everything that a relay needs, and say what is wrong and what to do.",
    discussion: """
      Configuration, broker, rights, exchanges and queues, the way to the OCR service, clock, limits of the machine. \
      Changes nothing, pays for nothing, takes no request; a relay may run meanwhile. The exit code is \
      \(ExitReason.checkFailed.rawValue) when the relay could not do its work.
      """,
    subcommands: [DoctorAuthCommand.self])

  @OptionGroup var options: ConfigurationOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let loaded = try options.load()
    let loop = try EventLoop(name: "doctor")
    try loop.runBlocking {
      try Self.show(await Doctor(loop: loop, configuration: loaded).examine(), json: json)
    }
  }

  /// Prints a report and ends with its exit code.
  static func show(_ report: DoctorReport, json: Bool) throws(CommandFailure) {
    Terminal.write(json ? report.json : report.text)
    if !report.isHealthy { throw CommandFailure(.checkFailed) }
  }
}
