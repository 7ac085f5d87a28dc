public import OCRContract

/// Why a request ends without a result: what its reply, its dead copy and its log line say.
public struct RequestFailure: Sendable, Equatable {
  /// Our code.
  public var code: ErrorCode
  /// One sentence for the requester; nil gives the advice of the code.
  public var detail: String?
  /// The failed call, when there was one.
  public var call: CallFailure?
  /// The queue that keeps the original message, if it is kept; that of the class unless set otherwise.
  public var deadLetterQueue: String?
  /// Whether every request would fail so: stop consuming, as after ``RequestMachine/Action/postpone(_:attempts:_:)``, or
  /// one request after the other would be given up.
  public var isShared = false

  /// A failure without a call.
  public init(code: ErrorCode, detail: String? = nil) {
    self.code = code
    self.detail = detail
    deadLetterQueue = code.errorClass.deadLetterQueue
  }

  /// A failure of a call.
  public init(_ call: CallFailure) {
    code = call.code
    self.call = call
    deadLetterQueue = code.errorClass.deadLetterQueue
  }

  /// A request that the checks turned down.
  public init(_ rejection: RequestRejection) {
    self.init(code: rejection.code, detail: rejection.detail)
  }
}
