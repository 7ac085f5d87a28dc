import RelayCore

/// How the values of a setting are written: what is accepted, and how it is printed again.
struct SettingKind<Value: Sendable>: Sendable {
  /// What is expected, to follow "is not …": `a whole number from 1 to 65535`.
  var expected: String
  /// A value that would be right.
  var example: String
  /// Whether the value must never be shown and may come from a file of its own.
  var isSecret = false
  /// The value; nil when the text is not one.
  var parse: @Sendable (SettingText) -> Value?
  /// The value as YAML, secrets included: only for our own defaults.
  var write: @Sendable (Value) -> String
  /// The value as YAML without anything secret.
  var show: @Sendable (Value) -> String
}

extension SettingKind {
  private init(
    expected: String, example: String, write: @escaping @Sendable (Value) -> String,
    parse: @escaping @Sendable (SettingText) -> Value?
  ) {
    self.init(expected: expected, example: example, parse: parse, write: write, show: write)
  }
}

extension SettingKind where Value == String {
  static func text(_ expected: String, example: String) -> SettingKind {
    SettingKind(expected: expected, example: example, write: YAMLText.quoted) { $0.single }
  }

  /// `host:port`.
  static func listenAddress(example: String) -> SettingKind {
    SettingKind(expected: "an address and port", example: example, write: YAMLText.quoted) { text in
      text.single.flatMap { HostAndPort($0) == nil ? nil : $0 }
    }
  }
}

extension SettingKind where Value == String? {
  /// A text that may be left empty.
  static func optionalText(_ expected: String, example: String) -> SettingKind {
    SettingKind(expected: expected, example: example, write: { YAMLText.quoted($0 ?? "") }) { text in
      text.single.map { $0.isEmpty ? nil : $0 }
    }
  }

  /// An `http` or `https` address that may be left empty; slashes at the end are cut off.
  static func optionalAddress(example: String) -> SettingKind {
    SettingKind(
      expected: "an address that begins with https:// or http://", example: example,
      write: { YAMLText.quoted($0 ?? "") }
    ) { text in
      guard let text = text.single else { return nil }
      guard !text.isEmpty else { return .some(nil) }
      guard let address = ServiceAddress(text) else { return nil }
      return .some(address.text)
    }
  }

  /// `host:port` that may be left empty.
  static func optionalListenAddress(example: String) -> SettingKind {
    SettingKind(
      expected: "an address and port, or empty for none", example: example, write: { YAMLText.quoted($0 ?? "") }
    ) { text in
      guard let text = text.single else { return nil }
      guard !text.isEmpty else { return .some(nil) }
      return HostAndPort(text) == nil ? nil : .some(text)
    }
  }
}

extension SettingKind where Value == Int {
  static func whole(_ range: ClosedRange<Int>, example: Int) -> SettingKind {
    SettingKind(
      expected: "a whole number from \(range.lowerBound) to \(range.upperBound)", example: String(example),
      write: { String($0) }
    ) { text in
      guard let text = text.single, let number = Int(text), range.contains(number) else { return nil }
      return number
    }
  }
}

extension SettingKind where Value == Bool {
  static var flag: SettingKind {
    SettingKind(expected: "true or false", example: "true", write: { $0 ? "true" : "false" }) { text in
      text.single.flatMap { ["true": true, "false": false][$0] }
    }
  }
}

extension SettingKind where Value == Duration {
  /// Seconds, with up to three decimal places.
  static func seconds(_ range: ClosedRange<Int>, smallest: Duration = .zero, example: String) -> SettingKind {
    SettingKind(
      expected: "a number of seconds from \(Seconds.text(max(smallest, .seconds(range.lowerBound)))) "
        + "to \(range.upperBound)",
      example: example, write: Seconds.text
    ) { text in
      guard let text = text.single, let duration = Seconds.parse(text) else { return nil }
      let isInside = duration >= max(smallest, .seconds(range.lowerBound)) && duration <= .seconds(range.upperBound)
      return isInside ? duration : nil
    }
  }
}

extension SettingKind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  static func choice(example: Value) -> SettingKind {
    let names = Value.allCases.map(\.rawValue)
    let expected = names.count == 1 ? names.joined() : "one of " + names.joined(separator: ", ")
    return SettingKind(expected: expected, example: example.rawValue, write: { $0.rawValue }) { text in
      text.single.flatMap(Value.init(rawValue:))
    }
  }
}

extension SettingKind where Value == [String] {
  static func list(_ expected: String, example: String) -> SettingKind {
    SettingKind(expected: expected, example: example, write: { YAMLText.list($0.map(YAMLText.quoted)) }) { $0.parts }
  }
}

extension SettingKind where Value == [RateLimit] {
  static func rateLimits(example: String) -> SettingKind {
    SettingKind(
      expected: "a list of limits such as 30/10s, 100/1m or 5000/1h", example: example,
      write: { YAMLText.list($0.map { YAMLText.quoted($0.text) }) }
    ) { text in
      let limits = text.parts.compactMap { RateLimit($0) }
      return limits.count == text.parts.count ? limits : nil
    }
  }
}

extension SettingKind where Value == [NamedWeight] {
  static func weights(of things: String, example: String) -> SettingKind {
    SettingKind(
      expected: "a list of \(things) with weights from 1 to 1000, such as \(example)", example: example,
      write: { YAMLText.list($0.map { YAMLText.quoted($0.text) }) }
    ) { text in
      let weights = text.parts.compactMap { NamedWeight($0) }
      return weights.count == text.parts.count ? weights : nil
    }
  }
}

extension SettingKind where Value == Secret {
  static func secret(_ expected: String) -> SettingKind {
    SettingKind(
      expected: expected, example: "the name of a file that holds it, in the setting with _file at the end",
      isSecret: true, parse: { $0.single.map(Secret.init) },
      write: { YAMLText.quoted($0.reveal()) }, show: { $0.isEmpty ? "\"\"" : "<secret>" })
  }
}

extension SettingKind where Value == [Secret] {
  /// Addresses of brokers; they carry a password.
  static var brokerAddresses: SettingKind {
    SettingKind(
      expected: "an address that begins with amqp:// or amqps://", example: "amqps://user:password@host:5671/vhost",
      isSecret: true,
      parse: { text in
        let addresses = BrokerAddress.split(text)
        let isRight = !addresses.isEmpty && addresses.allSatisfy(BrokerAddress.isPlausible)
        return isRight ? addresses.map(Secret.init) : nil
      },
      write: { urls in single(or: urls.map { YAMLText.quoted($0.reveal()) }) },
      show: { urls in single(or: urls.map { YAMLText.quoted(BrokerAddress.withoutPassword($0.reveal())) }) })
  }

  private static func single(or items: [String]) -> String {
    items.count == 1 ? items[0] : YAMLText.list(items)
  }
}
