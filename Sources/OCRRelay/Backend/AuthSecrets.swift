internal import HuaweiCloud
internal import RelayCore

/// The secrets of the credential as they are now.
///
/// Isolation: not `Sendable`; belongs to its loop.
final class AuthSecrets {
  private var secrets: [String: LiveSecret] = [:]

  init(_ settings: AuthSettings) {
    for (key, secret) in settings.secrets { secrets[key] = LiveSecret(secret) }
  }

  /// The secret of a setting such as `auth.password`.
  subscript(key: String) -> LiveSecret {
    guard let secret = secrets[key] else { preconditionFailure("AuthSecrets: \(key) is no secret") }
    return secret
  }

  /// The key pair that signs.
  var accessKey: AccessKey {
    let token = self["auth.security_token"].value
    return AccessKey(
      id: self["auth.access_key"].value.reveal(), secret: self["auth.secret_key"].value,
      securityToken: token.isEmpty ? nil : token)
  }

  /// Tells one key pair from the next.
  var accessKeyTag: UInt16 {
    LiveSecret.tag(["auth.access_key", "auth.secret_key", "auth.security_token"].map { self[$0].value })
  }

  /// Takes over the secrets of a configuration that was read again, and returns the settings that hold another one now.
  func adopt(_ settings: AuthSettings) -> [String] {
    let changed = settings.secrets.filter { self[$0.key].value != $0.secret }
    for (key, secret) in changed { self[key].value = secret }
    return changed.map(\.key)
  }

  /// Those that come from files.
  func entries(files: [String: String]) -> [SecretWatcher.Entry] {
    files.sorted { $0.key < $1.key }.compactMap { key, path in
      secrets[key].map { SecretWatcher.Entry(key: key, path: path, secret: $0) }
    }
  }
}
