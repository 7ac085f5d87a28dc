/// What a configuration that was read again means for a relay that runs. Pure.
struct ConfigurationChange: Sendable, Equatable {
  /// What to go on with: the configuration in force, with everything replaced that may change.
  private(set) var configuration: RelayConfiguration
  /// Settings that take effect now, by `section.name`.
  private(set) var applied: [String] = []
  /// Settings that differ and take effect with the next start.
  private(set) var waiting: [String] = []

  /// Settings that may change while the relay runs: those that each request meets anew, those of its wait, and the
  /// secrets of the credential. Connections, queues and ports keep what they began with.
  static let changeable: Set<String> = [
    "auth.password", "auth.access_key", "auth.secret_key", "auth.security_token", "auth.app_secret", "auth.bearer_key",
    "log.level", "replies.allow", "limits.bytes_in_work", "limits.documented", "limits.unrecognised_images",
    "url.allowed", "url.allow_http", "url.allow_numbers", "url.allowed_hosts", "url.private_hosts", "url.max_bytes",
    "retry.enabled", "retry.max_attempts", "retry.give_up_after_seconds", "shutdown.timeout_seconds",
    "rate.limits", "rate.max_concurrent_calls", "rate.probe", "rate.max_hold_seconds", "rate.long_pause_seconds",
    "rate.weights",
  ]

  /// Compares the configuration in force with one that was just read. What only the console reads does not matter.
  init(from old: RelayConfiguration, to new: RelayConfiguration) {
    configuration = old
    configuration.secretFiles = new.secretFiles
    for setting in RelayConfiguration.settings where setting.section != "console" {
      guard setting.write(old) != setting.write(new) else { continue }
      if Self.changeable.contains(setting.key) {
        setting.copy(new, &configuration)
        applied.append(setting.key)
      } else {
        waiting.append(setting.key)
      }
    }
  }
}
