public import OCRContract

/// Why a request ends without a result: what its reply, its dead copy and its log line say.
public struct RequestFailure: Sendable, Equatable {
  /// Our code.
  public var code: ErrorCode
  /// One sentence for the requester; nil gives the advice of the code.
  public var detail: String?
  /// The failed call, when there was one.
  public var call: CallFailure?

  /// A failure without a call.
  public init(code: ErrorCode, detail: String? = nil) {
    self.code = code
    self.detail = detail
  }

  /// A failure of a call.
  public init(_ call: CallFailure) {
    code = call.code
    self.call = call
  }

  /// A request that the checks turned down.
  public init(_ rejection: RequestRejection) {
    self.init(code: rejection.code, detail: rejection.detail)
  }

  /// The queue that keeps the original message, if it is kept.
  public var deadLetterQueue: String? { code.errorClass.deadLetterQueue }
}
