import ArgumentParser
import Glibc
import OCRRelay

/// Where the configuration is read from.
struct ConfigurationOptions: ParsableArguments {
  /// Read when no other file is named and this one exists.
  static let usualFile = "/etc/ocr-relay/ocr-relay.yaml"

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The configuration file; else $OCR_RELAY_CONFIG, else \(usualFile) if there is one.", valueName: "file"))
  var config: String?

  /// The configuration, checked. A problem ends the command.
  func load() throws(CommandFailure) -> LoadedConfiguration {
    try Self.load(Self.source(file: config))
  }

  /// The configuration without what only calls of the OCR service need.
  func loadTopology() throws(CommandFailure) -> LoadedConfiguration {
    do throws(ConfigurationError) {
      return try RelayConfiguration.loadTopology(
        file: Self.file(named: config), environment: ProcessEnvironment.variables)
    } catch {
      throw CommandFailure(.configuration, error.description)
    }
  }

  /// This file, or the usual one when none is named, and the environment.
  static func source(file: String?) -> ConfigurationSource {
    ConfigurationSource(file: self.file(named: file), environment: ProcessEnvironment.variables)
  }

  /// The configuration of a source, checked. A problem ends the command.
  static func load(_ source: ConfigurationSource) throws(CommandFailure) -> LoadedConfiguration {
    do throws(ConfigurationError) {
      return try source.load()
    } catch {
      throw CommandFailure(.configuration, error.description)
    }
  }

  private static func file(named name: String?) -> String? {
    name ?? ProcessEnvironment.value(RelayConfiguration.fileVariable) ?? usualFileIfThere
  }

  private static var usualFileIfThere: String? { access(usualFile, F_OK) == 0 ? usualFile : nil }
}
