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

  /// Those that come from files.
  func entries(files: [String: String]) -> [SecretWatcher.Entry] {
    files.sorted { $0.key < $1.key }.compactMap { key, path in
      secrets[key].map { SecretWatcher.Entry(key: key, path: path, secret: $0) }
    }
  }
}
