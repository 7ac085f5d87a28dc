public import RelayCore

/// How the relay proves itself to the OCR service.
public struct AuthSettings: Sendable, Equatable {
  /// The way to authenticate.
  public enum Kind: String, Sendable, CaseIterable {
    /// A token from the identity service, got with user name and password.
    case iamPassword = "iam_password"
  }

  /// The way to authenticate.
  public var kind = Kind.iamPassword
  /// Address of the identity service; nil means the service's own address in the region.
  public var endpoint: String?
  /// Name of the user.
  public var username = ""
  /// Password of the user.
  public var password = Secret("")
  /// Name of the account that the user belongs to; nil means that both have the same name.
  public var domainName: String?
  /// Name of the project that the token is for; nil means the region.
  public var projectName: String?
  /// How long before its end a token is renewed.
  public var renewBefore = Duration.seconds(300)
  /// Bound for one call of the identity service.
  public var timeout = Duration.seconds(15)
}

extension AuthSettings {
  /// The account's name, with the default filled in.
  public var accountName: String { domainName ?? username }
}
