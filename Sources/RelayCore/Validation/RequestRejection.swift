public import OCRContract

/// Why a request is answered without a call: it could only fail there.
public struct RequestRejection: Error, Sendable, Equatable {
  /// The stable code of the error reply.
  public let code: ErrorCode
  /// One sentence for a person: what is wrong, where, and with which figures. Never content of the request.
  public let detail: String

  /// A rejection from its parts.
  public init(_ code: ErrorCode, _ detail: String) {
    self.code = code
    self.detail = detail
  }
}
