public import RelayCore

/// A key pair that signs requests (AK/SK), permanent or temporary.
public struct AccessKey: Sendable, Equatable {
  /// The public half, which each signed request names.
  public var id: String
  /// The half that signs.
  public var secret: Secret
  /// Goes with temporary keys.
  public var securityToken: Secret?

  /// Makes a pair.
  public init(id: String, secret: Secret, securityToken: Secret? = nil) {
    self.id = id
    self.secret = secret
    self.securityToken = securityToken
  }
}
