public import OCRContract

/// The one answer to a request.
public enum OCRReply: Sendable, Equatable {
  /// The OCR service's answer.
  case result(OCRResult)
  /// Why there is none.
  case error(Problem)
}

/// What the OCR service read.
public struct OCRResult: Sendable, Equatable {
  /// Its answer, byte for byte: a JSON object with `result`.
  public var body: [UInt8]
  /// Id of the answer; the same when it is delivered twice.
  public var messageID: String?
  /// Name of the API.
  public var api: String?
  /// Calls that were made for the request.
  public var attempts: Int?
  /// The OCR service's id of the call.
  public var requestID: String?
}
