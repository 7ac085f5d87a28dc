/// A user that may get tokens from the sandbox.
public struct Account: Sendable, Equatable {
  /// The IAM user's name.
  public var user: String
  /// The password, compared exactly.
  public var password: String
  /// The account (domain) that owns the user.
  public var domain: String
  /// The project that the user's project-scoped tokens belong to, 32 hex digits.
  public var projectID: String
  /// The project's name, which is the region.
  public var region: String

  /// The made-up project id that every account has unless told otherwise.
  public static let defaultProjectID = "0c0ffee0d0c5ca9700d15ea5e0ddba11"

  /// Makes an account.
  public init(
    user: String, password: String, domain: String, projectID: String = Account.defaultProjectID,
    region: String = "cn-north-4"
  ) {
    self.user = user
    self.password = password
    self.domain = domain
    self.projectID = projectID
    self.region = region
  }
}
