/// The body of an error reply: RFC 9457 problem details with the relay's own members.
public struct Problem: Sendable, Equatable {
  /// What the OCR service said.
  public struct Backend: Sendable, Equatable {
    /// Name of the OCR service, such as `huawei`.
    public var name: String
    /// Its code as it sent it.
    public var code: String?
    /// Its message, shortened and without secrets.
    public var message: String?
    /// HTTP status of its answer.
    public var httpStatus: Int?
    /// Its id of the call.
    public var requestID: String?
    /// Whether the call costs money: `true`, `false`, or `null` for unknown.
    public var billed: Billed

    /// Makes the member `backend`.
    public init(
      name: String, code: String? = nil, message: String? = nil, httpStatus: Int? = nil, requestID: String? = nil,
      billed: Billed = .unknown
    ) {
      self.name = name
      self.code = code
      self.message = message
      self.httpStatus = httpStatus
      self.requestID = requestID
      self.billed = billed
    }
  }

  /// A stable name of the kind of problem, `urn:ocr:error:<class>`.
  public var type: String
  /// One line for people, the same for every problem of this type.
  public var title: String
  /// The HTTP status that would say the same.
  public var status: Int
  /// What happened this time, and what to do.
  public var detail: String
  /// Names this occurrence, for example `urn:ocr:request:<message_id>`.
  public var instance: String?
  /// Our stable code; text, because a newer relay may know more than ``ErrorCode`` of this version.
  public var code: String
  /// Our class; text for the same reason.
  public var errorClass: String
  /// Whether sending the same request again later may succeed.
  public var retryable: Bool
  /// How long to wait before that.
  public var retryAfter: Duration?
  /// Calls and retries made for this request, the first included.
  public var attempts: Int
  /// What the OCR service said; nil when it was not called.
  public var backend: Backend?
  /// The queue that keeps the original message; nil when it was not kept.
  public var deadLetter: String?

  /// Makes a problem with everything that follows from the code filled in.
  ///
  /// - Parameters:
  ///   - detail: what happened; nil gives the advice of the code.
  ///   - retryable: nil gives the default of the class.
  public init(
    code: ErrorCode, detail: String? = nil, instance: String? = nil, retryable: Bool? = nil,
    retryAfter: Duration? = nil, attempts: Int, backend: Backend? = nil, deadLetter: String? = nil
  ) {
    let errorClass = code.errorClass
    self.type = errorClass.problemType
    self.title = errorClass.title
    self.status = errorClass.status
    self.detail = detail ?? code.advice
    self.instance = instance
    self.code = code.rawValue
    self.errorClass = errorClass.rawValue
    self.retryable = retryable ?? errorClass.isRetryable
    self.retryAfter = retryAfter
    self.attempts = attempts
    self.backend = backend
    self.deadLetter = deadLetter
  }

  /// The code if this version knows it.
  public var knownCode: ErrorCode? { ErrorCode(rawValue: code) }

  /// The class if this version knows it.
  public var knownClass: ErrorClass? { ErrorClass(rawValue: errorClass) }
}
