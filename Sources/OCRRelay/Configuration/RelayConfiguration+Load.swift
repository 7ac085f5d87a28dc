extension RelayConfiguration {
  /// The variable with the name of the configuration file.
  public static let fileVariable = "OCR_RELAY_CONFIG"

  /// Reads and checks a configuration.
  ///
  /// - Parameters:
  ///   - file: name of a YAML file; nil for none.
  ///   - environment: variables that override the file. Those that do not begin with `OCR_RELAY_` are ignored, an
  ///     unknown one that does is a problem.
  /// - Throws: every problem found, each with its place.
  public static func load(
    file: String?, environment: [String: String]
  ) throws(ConfigurationError) -> LoadedConfiguration {
    var loader = ConfigurationLoader()
    if let file { loader.read(file: file) }
    loader.read(environment: environment)
    loader.check()
    guard loader.problems.isEmpty else { throw ConfigurationError(problems: loader.problems) }
    return LoadedConfiguration(configuration: loader.configuration, origins: loader.origins)
  }
}
