public import OCRContract

/// What the OCR service, or the way to it, said about a failed call.
public struct BackendFault: Sendable, Equatable {
  /// The table the code belongs to, such as `ocr`, `apig` or `iam`; `http` when only the status is known, `transport`
  /// when no answer came.
  public var domain: String
  /// The code as it was sent; nil when there was none.
  public var code: String?
  /// The message, cut short, without secrets and line ends.
  public var message: String?
  /// HTTP status; nil when no answer came.
  public var httpStatus: Int?
  /// The other side's id of the call.
  public var requestID: String?
  /// Whether the call costs money.
  public var billed: Billed

  /// Makes a fault.
  public init(
    domain: String, code: String? = nil, message: String? = nil, httpStatus: Int? = nil, requestID: String? = nil,
    billed: Billed
  ) {
    self.domain = domain
    self.code = code
    self.message = message
    self.httpStatus = httpStatus
    self.requestID = requestID
    self.billed = billed
  }
}
