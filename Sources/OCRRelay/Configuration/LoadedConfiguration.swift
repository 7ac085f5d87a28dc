/// A configuration that passed all checks, and where its values come from.
public struct LoadedConfiguration: Sendable {
  /// The settings.
  public var configuration: RelayConfiguration
  /// Where each setting that is not a default was written, by `section.name`.
  public var origins: [String: ConfigurationProblem.Place]
}
