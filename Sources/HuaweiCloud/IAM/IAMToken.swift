public import RelayCore

/// A token for calls to the OCR service.
public struct IAMToken: Sendable, Equatable {
  /// The token itself, several KB.
  public let text: Secret
  /// How long it is valid, counted from the answer. From times of the server alone, so a wrong local clock does no harm.
  public let lifetime: Duration
  /// The project the token is for: a part of every OCR address.
  public let projectID: String
  /// The project's name, which is the region.
  public let projectName: String?

  /// Makes a token.
  public init(text: Secret, lifetime: Duration, projectID: String, projectName: String?) {
    self.text = text
    self.lifetime = lifetime
    self.projectID = projectID
    self.projectName = projectName
  }
}
