import ArgumentParser
import Logging
import OCRRelay

/// `ocr-relay serve`.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Take requests from the queue, have them recognised, send the answers.",
    discussion: """
      Any number of these processes may share one queue. SIGTERM and SIGINT end it in order: what is in flight is \
      finished, confirmed and acknowledged first, within shutdown.timeout_seconds. SIGHUP reads the configuration \
      again, as does a change of its file. \
      `ocr-relay check-config --print-default` explains every setting.
      """)

  @OptionGroup var options: ConfigurationOptions

  func run() throws {
    try ServeCommand.serve(configurationFile: options.config)
  }

  /// Runs the service to its end.
  static func serve(configurationFile: String?) throws {
    ProgramPages.release()
    let source = ConfigurationOptions.source(file: configurationFile)
    let configuration = try ConfigurationOptions.load(source).configuration
    ProgramPages.release()
    RelayLogHandler.level = Logger.Level(rawValue: configuration.log.level.rawValue) ?? .info
    let logger = Logger(label: "ocr-relay") { _ in RelayLogHandler(format: configuration.log.format) }
    do {
      try RelayService(configuration: configuration, source: source, logger: logger).run()
    } catch let error as RelayStartError {
      throw CommandFailure(.configuration, error.description)
    } catch {
      throw CommandFailure(.internalFailure, "the relay has ended: \(error)")
    }
  }
}
