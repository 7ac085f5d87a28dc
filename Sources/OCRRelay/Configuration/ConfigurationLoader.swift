/// Builds a configuration of defaults, a file and environment variables, in that order, and collects every problem on
/// the way instead of stopping at the first.
struct ConfigurationLoader {
  private(set) var configuration = RelayConfiguration()
  private(set) var origins: [String: ConfigurationProblem.Place] = [:]
  private(set) var problems: [ConfigurationProblem] = []

  mutating func report(_ place: ConfigurationProblem.Place, _ message: String) {
    problems.append(ConfigurationProblem(place: place, message: message))
  }

  /// Takes over a value, or says what would be right.
  mutating func set(_ setting: Setting, to text: SettingText, at place: ConfigurationProblem.Place) {
    configuration.secretFiles[setting.key] = nil
    if setting.apply(text, &configuration) {
      origins[setting.key] = place
    } else {
      let wrong = setting.isSecret ? "its value" : Self.excerpt(text)
      report(place, "\(setting.key): \(wrong) is not \(setting.expected); example: \(setting.example)")
    }
  }

  /// Takes over a value from a file of its own.
  mutating func set(_ setting: Setting, fromFile path: String, at place: ConfigurationProblem.Place) {
    do throws(WholeFile.Failure) {
      set(setting, to: .one(try WholeFile.readSecret(path)), at: place)
      configuration.secretFiles[setting.key] = path
    } catch {
      report(place, "\(setting.key): the file \(Self.quoted(path)) cannot be used: \(error.message)")
    }
  }

  /// Whether another spelling of the setting was read from the same source before.
  func isSet(_ setting: Setting, inFile path: String) -> Bool {
    if case .file(path, _) = origins[setting.key] { true } else { false }
  }

  private static func excerpt(_ text: SettingText) -> String {
    switch text {
    case .one(let text): quoted(text)
    case .list: "a list"
    }
  }

  /// A short, printable form of outside text.
  static func quoted(_ text: String) -> String {
    let printable = text.unicodeScalars.prefix(60).map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned: "?"
      default: String(Character(scalar))
      }
    }
    return "\"" + printable.joined() + (text.unicodeScalars.count > 60 ? "…" : "") + "\""
  }
}
