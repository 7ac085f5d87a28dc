/// Where a configuration was read from, to read it again.
public struct ConfigurationSource: Sendable {
  /// The file; nil when there is none.
  public var file: String?
  /// The variables that override it.
  public var environment: [String: String]

  /// A source of a file and variables.
  public init(file: String?, environment: [String: String]) {
    self.file = file
    self.environment = environment
  }

  /// Reads and checks it; throws every problem found.
  public func load() throws(ConfigurationError) -> LoadedConfiguration {
    try RelayConfiguration.load(file: file, environment: environment)
  }
}
