/// What became of the credential since the start of the process.
public struct CredentialCounters: Sendable, Equatable {
  /// Logins begun.
  public var logins = 0
  /// Tokens got by logins of this process.
  public var obtained = 0
  /// Tokens taken over from another process.
  public var shared = 0
  /// Tokens or keys that the service refused.
  public var refusedTokens = 0
  /// Logins whose credential was refused.
  public var refusedLogins = 0
  /// Logins that failed for a reason that may pass.
  public var failedLogins = 0
  /// Locks of the account or key that were met.
  public var locks = 0
  /// Logins that were not made, because they could have locked the account.
  public var blockedLogins = 0
  /// Secrets replaced while running.
  public var rotations = 0
  /// Failures of the token store.
  public var storeFailures = 0
}

extension CredentialCounters {
  /// The counters by the names that they have outside.
  var events: [(name: String, count: Int)] {
    [
      ("login", logins), ("obtained", obtained), ("shared", shared), ("refused_token", refusedTokens),
      ("refused_login", refusedLogins), ("failed_login", failedLogins), ("lock", locks),
      ("blocked_login", blockedLogins), ("rotation", rotations), ("store_failure", storeFailures),
    ]
  }

  /// The counters as a JSON object.
  var json: String {
    "{" + events.map { "\"\($0.name)\":\($0.count)" }.joined(separator: ",") + "}"
  }
}
