/// What to call for a request that passed the checks.
public struct RequestPlan: Sendable {
  /// The API to call.
  public let api: APIDescription
  /// How to make the body of the call.
  public let body: BodyPlan
  /// True when the OCR service downloads the image itself, which takes its own time and has its own failures.
  public let usesURL: Bool

  init(api: APIDescription, body: BodyPlan, usesURL: Bool) {
    self.api = api
    self.body = body
    self.usesURL = usesURL
  }
}
