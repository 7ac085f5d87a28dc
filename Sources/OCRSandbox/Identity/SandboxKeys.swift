/// Credentials other than accounts that the sandbox takes; all made up.
public struct SandboxKeys: Sendable, Equatable {
  /// A key pair that signs calls.
  public struct AccessKey: Sendable, Equatable {
    /// The half that each call names.
    public var id: String
    /// The half that signs.
    public var secret: String
    /// What must come with a temporary key; nil for a permanent one.
    public var securityToken: String?

    /// Makes a pair.
    public init(id: String, secret: String, securityToken: String? = nil) {
      self.id = id
      self.secret = secret
      self.securityToken = securityToken
    }
  }

  /// An application that logs in with its id and secret.
  public struct Application: Sendable, Equatable {
    /// Its id.
    public var id: String
    /// Its secret.
    public var secret: String

    /// Makes an application.
    public init(id: String, secret: String) {
      self.id = id
      self.secret = secret
    }
  }

  /// Keys that sign.
  public var accessKeys = [AccessKey(id: "SANDBOXACCESSKEY0001", secret: "sandbox-secret-key")]
  /// Applications.
  public var applications = [Application(id: "sandbox-app", secret: "sandbox-app-secret")]
  /// Keys of a gateway.
  public var bearerKeys = ["sk-sandbox"]

  /// One of each kind.
  public init() {}
}
