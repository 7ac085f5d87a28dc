/// One setting: the single declaration behind the key of the file, the environment variable, the checks, the printed
/// default file and the printed effective settings.
struct Setting: Sendable {
  var section: String
  var name: String
  /// Sentences for the default file.
  var documentation: String
  var expected: String
  var example: String
  var isSecret: Bool
  /// Puts a written value into the configuration; false when the text is not a value of this setting.
  var apply: @Sendable (SettingText, inout RelayConfiguration) -> Bool
  /// Puts the value of the first configuration into the second.
  var copy: @Sendable (RelayConfiguration, inout RelayConfiguration) -> Void
  /// The value as YAML, secrets included: only for our own defaults.
  var write: @Sendable (RelayConfiguration) -> String
  /// The value as YAML without anything secret.
  var show: @Sendable (RelayConfiguration) -> String

  init<Value: Sendable>(
    _ section: String, _ name: String, _ path: any WritableKeyPath<RelayConfiguration, Value> & Sendable,
    _ kind: SettingKind<Value>, _ documentation: String
  ) {
    self.section = section
    self.name = name
    self.documentation = documentation
    self.expected = kind.expected
    self.example = kind.example
    self.isSecret = kind.isSecret
    self.apply = { text, configuration in
      guard let value = kind.parse(text) else { return false }
      configuration[keyPath: path] = value
      return true
    }
    self.copy = { source, target in target[keyPath: path] = source[keyPath: path] }
    self.write = { kind.write($0[keyPath: path]) }
    self.show = { kind.show($0[keyPath: path]) }
  }

  /// `section.name`, as problems name it.
  var key: String { section + "." + name }

  /// The environment variable that overrides it.
  var variable: String { RelayConfiguration.variablePrefix + section.uppercased() + "_" + name.uppercased() }

  /// The key of the file that names a file with the value; only secrets have one.
  var fileName: String? { isSecret ? name + "_file" : nil }

  /// The variable that names a file with the value; only secrets have one.
  var fileVariable: String? { isSecret ? variable + "_FILE" : nil }
}
