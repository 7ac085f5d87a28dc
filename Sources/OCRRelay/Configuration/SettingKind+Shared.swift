internal import OCRContract
internal import RedisStore
internal import RelayCore

extension SettingKind where Value == Duration {
  static func milliseconds(_ range: ClosedRange<Int>, example: Int) -> SettingKind {
    let write: @Sendable (Duration) -> String = { String($0.wholeMilliseconds) }
    return SettingKind(
      expected: "a whole number of milliseconds from \(range.lowerBound) to \(range.upperBound)",
      example: String(example),
      parse: { text in
        guard let text = text.single, let number = Int(text), range.contains(number) else { return nil }
        return .milliseconds(number)
      }, write: write, show: write)
  }
}

extension SettingKind where Value == Secret {
  /// The address of Redis, which carries a password; may be left empty.
  static var redisAddress: SettingKind {
    SettingKind(
      expected: "an address that begins with redis:// or rediss://", example: "rediss://user:password@host:6379/0",
      isSecret: true,
      parse: { text in
        guard let text = text.single else { return nil }
        return text.isEmpty || (try? RedisURL.parse(text)) != nil ? Secret(text) : nil
      },
      write: { YAMLText.quoted($0.reveal()) },
      show: { secret in
        guard let endpoint = try? RedisURL.parse(secret.reveal()) else { return "\"\"" }
        // Without user and password; a password of its own is another setting.
        return YAMLText.quoted("\(endpoint)")
      })
  }
}
