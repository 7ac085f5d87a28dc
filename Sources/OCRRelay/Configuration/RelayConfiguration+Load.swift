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
    var loader = loader(file, environment)
    loader.check()
    return try result(of: loader)
  }

  /// Reads what a publisher needs of the same sources: the broker. Settings of the relay may be missing.
  public static func loadBroker(
    file: String?, environment: [String: String]
  ) throws(ConfigurationError) -> AMQPSettings {
    var loader = loader(file, environment)
    loader.checkBroker()
    return try result(of: loader).configuration.amqp
  }

  /// Reads what is needed to look after exchanges and queues. Settings for the OCR service may be missing.
  public static func loadTopology(
    file: String?, environment: [String: String]
  ) throws(ConfigurationError) -> LoadedConfiguration {
    var loader = loader(file, environment)
    loader.checkBroker()
    return try result(of: loader)
  }

  private static func loader(_ file: String?, _ environment: [String: String]) -> ConfigurationLoader {
    var loader = ConfigurationLoader()
    if let file { loader.read(file: file) }
    loader.read(environment: environment)
    return loader
  }

  private static func result(of loader: ConfigurationLoader) throws(ConfigurationError) -> LoadedConfiguration {
    guard loader.problems.isEmpty else { throw ConfigurationError(problems: loader.problems) }
    return LoadedConfiguration(configuration: loader.configuration, origins: loader.origins)
  }
}
