import ArgumentParser
import OCRRelay

/// `ocr-relay check-config`.
struct CheckConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-config",
    abstract: "Read the configuration as `serve` would, and print what is in force.",
    discussion: """
      Every problem is printed with its place, and the exit code is \(ExitReason.configuration.rawValue). Secrets are \
      never printed. Settings that are not defaults are followed by the place they come from.
      """)

  @OptionGroup var options: ConfigurationOptions

  @Flag(help: "Print the default configuration file with explanations instead.")
  var printDefault = false

  @Flag(help: "Print the documentation of all metrics instead.")
  var printMetrics = false

  func run() throws {
    if printDefault { return Terminal.write(RelayConfiguration.defaultFile) }
    if printMetrics { return Terminal.write(RelayMetrics.documentation) }
    Terminal.write(try options.load().effectiveFile)
  }
}
