/// A result of the OCR service, with what its reply says about the call behind it: enough to give the same answer again.
public struct StoredResult: Sendable, Equatable {
  /// The OCR service's body, byte for byte.
  public var body: [UInt8]
  /// Calls made for the request, that of the result included.
  public var attempts: Int
  /// What the call took, in milliseconds.
  public var milliseconds: Int64
  /// The OCR service's id of the call.
  public var requestID: String?

  /// A result to keep.
  public init(body: [UInt8], attempts: Int, milliseconds: Int64, requestID: String? = nil) {
    self.body = body
    self.attempts = attempts
    self.milliseconds = milliseconds
    self.requestID = requestID
  }
}
