public import OCRContract

/// A picture to recognise, or a JSON request of an API.
public struct OCRRequest: Sendable {
  /// What the request carries.
  public enum Body: Sendable, Equatable {
    /// The bytes of an image or document, sent as they are.
    case file([UInt8], ContentType)
    /// A request object of the API, such as `{"url": "…"}`.
    case json([UInt8])
  }

  /// Name of the API, for example `general-text`.
  public var api: String
  /// The picture.
  public var body: Body
  /// Parameters of the API as a JSON object, for files; JSON bodies carry their own.
  public var options: [UInt8]?
  /// Idempotency key: two requests with the same one are the same request.
  public var messageID: String
  /// How long the answer is of use. The relay makes no paid call after that.
  public var timeout: Duration

  /// A request with an idempotency key of its own unless one is given.
  public init(
    api: String, body: Body, options: [UInt8]? = nil, messageID: String? = nil, timeout: Duration = .seconds(60)
  ) {
    self.api = api
    self.body = body
    self.options = options
    self.messageID = messageID ?? RandomID.make()
    self.timeout = timeout
  }
}
