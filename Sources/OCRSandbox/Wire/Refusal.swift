/// A refusal as the wire shows it: status, code, text, and the envelope of the layer that speaks.
public struct Refusal: Error, Sendable, Equatable {
  /// The layer that refuses; each writes its own envelope.
  public enum Layer: String, Sendable {
    /// The API gateway: `error_msg`, `error_code`, `request_id`.
    case gateway
    /// The OCR service behind it: `error_code`, `error_msg`.
    case service
    /// The identity service: `error` with `code` (a number), `message`, `title`.
    case identity
    /// The platform that applications log in to: `error_code`, `error_desc`.
    case platform
    /// A gateway that speaks like OpenAI: the id of the request stands at the end of the message.
    case bearerGateway
  }

  /// Who refuses.
  public var layer: Layer
  /// The HTTP status.
  public var status: Int
  /// The code as text; for the identity service the status again.
  public var code: String
  /// The wire text.
  public var message: String

  /// Makes a refusal.
  public init(_ layer: Layer, _ status: Int, _ code: String, _ message: String) {
    self.layer = layer
    self.status = status
    self.code = code
    self.message = message
  }

  /// The body in the envelope of its layer.
  func body(requestID: String) -> JSONValue {
    switch layer {
    case .gateway:
      .fields(["error_msg": .string(message), "error_code": .string(code), "request_id": .string(requestID)])
    case .service:
      .fields(["error_code": .string(code), "error_msg": .string(message)])
    case .platform:
      .fields(["error_code": .string(code), "error_desc": .string(message)])
    case .bearerGateway:
      .fields([
        "error": .fields([
          "code": .string(code), "message": .string("\(message) (request id: \(requestID))"),
          "type": "new_api_error",
        ])
      ])
    case .identity:
      code.hasPrefix("IAM.")
        ? .fields(["error_code": .string(code), "error_msg": .string(message)])
        : .fields([
          "error": .fields([
            "code": .integer(status), "message": .string(message), "title": .string(Self.title(of: status)),
          ])
        ])
    }
  }

  /// The reason phrase that belongs to a status.
  static func title(of status: Int) -> String {
    switch status {
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 429: "Too Many Requests"
    case 503: "Service Unavailable"
    default: "Internal Server Error"
    }
  }
}
