internal import Failpoints

extension ConfigurationLoader {
  /// Reads the variables that begin with `OCR_RELAY_`; others are not ours.
  mutating func read(environment: [String: String]) {
    let settings = RelayConfiguration.settings
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) where Self.isOurs(name) {
      let place = ConfigurationProblem.Place.variable(name)
      if let setting = settings.first(where: { $0.variable == name }) {
        if let file = setting.fileVariable, environment[file] != nil {
          report(place, "\(name) and \(file) are both set; keep one of them")
        } else {
          set(setting, to: .one(value), at: place)
        }
      } else if let setting = settings.first(where: { $0.fileVariable == name }) {
        if environment[setting.variable] == nil { set(setting, fromFile: value, at: place) }
      } else {
        report(place, Self.unknown("variable", name, nearest: Self.nearestVariable(to: name)))
      }
    }
  }

  /// A variable that only has `_FILE` too much is nearest to itself without it: its value is no secret.
  private static func nearestVariable(to name: String) -> String? {
    let settings = RelayConfiguration.settings
    if let plain = settings.first(where: { $0.variable + "_FILE" == name }) { return plain.variable }
    return NearestName.of(name, in: settings.flatMap { [$0.variable] + ($0.fileVariable.map { [$0] } ?? []) })
  }

  /// Kubernetes puts variables of its own into every container, named after the services of the namespace. A service
  /// called `ocr-relay` must not keep the relay from starting.
  private static func isOurs(_ name: String) -> Bool {
    guard name.hasPrefix(RelayConfiguration.variablePrefix), name != RelayConfiguration.fileVariable else {
      return false
    }
    return !isServiceLink(name) && !Failpoint.isArmed(by: name)
  }

  /// `…_SERVICE_HOST`, `…_SERVICE_PORT`, `…_SERVICE_PORT_<NAME>`, `…_PORT`, `…_PORT_<NUMBER>_<PROTOCOL>` and what
  /// follows it. No setting has such a name.
  private static func isServiceLink(_ name: String) -> Bool {
    let words = name.split(separator: "_", omittingEmptySubsequences: false)
    if words.last == "PORT" || words.suffix(2) == ["SERVICE", "HOST"] { return true }
    return zip(words, words.dropFirst()).contains { word, next in
      word == "SERVICE" && next == "PORT" || word == "PORT" && Int(next) != nil
    }
  }
}
