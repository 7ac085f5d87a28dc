public import RelayCore

/// How the relay proves itself to the OCR service.
public struct AuthSettings: Sendable, Equatable {
  /// The way to authenticate.
  public enum Kind: String, Sendable, CaseIterable {
    /// A token from the identity service, got with user name and password.
    case iamPassword = "iam_password"
    /// A signature of each call, made with an access key.
    case accessKey = "ak_sk"
    /// A token got with an app id and its secret; each login ends the token before.
    case appSecret = "app_secret"
    /// A fixed key in a header.
    case bearer
  }

  /// Where the token is kept.
  public enum Store: String, Sendable, CaseIterable {
    /// In a file, for all relays of this machine and user, and for the next start.
    case file
    /// In the memory of each relay.
    case memory
    /// In Redis, for all relays.
    case redis
  }

  /// The way to authenticate.
  public var kind = Kind.iamPassword
  /// Address for logins; nil means the identity service of the region.
  public var endpoint: String?
  /// Name of the user.
  public var username = ""
  /// Password of the user.
  public var password = Secret("")
  /// Name of the account that the user belongs to; nil means that both have the same name.
  public var domainName: String?
  /// Name of the project that the token is for; nil means the region.
  public var projectName: String?
  /// The public half of an access key. Not shown either, so that it may be replaced together with the other half.
  public var accessKey = Secret("")
  /// The half that signs.
  public var secretKey = Secret("")
  /// Goes with a temporary key; empty for a permanent one.
  public var securityToken = Secret("")
  /// The id of an application.
  public var appID = ""
  /// The application's secret.
  public var appSecret = Secret("")
  /// A fixed key.
  public var bearerKey = Secret("")
  /// Where the token is kept, and where relays agree on who logs in.
  public var store = Store.file
  /// The folder for the file; nil means the expected one.
  public var storeFolder: String?
  /// How long before its end a token is renewed.
  public var renewBefore = Duration.seconds(300)
  /// Bound for one call of a login.
  public var timeout = Duration.seconds(15)
}

extension AuthSettings.Kind {
  /// Whether processes have something to tell each other about it.
  var isShared: Bool { self != .bearer }
}

extension AuthSettings {
  /// The account's name, with the default filled in.
  public var accountName: String { domainName ?? username }

  /// All secrets by the names of their settings.
  var secrets: [(key: String, secret: Secret)] {
    [
      ("auth.password", password), ("auth.access_key", accessKey), ("auth.secret_key", secretKey),
      ("auth.security_token", securityToken), ("auth.app_secret", appSecret), ("auth.bearer_key", bearerKey),
    ]
  }
}
