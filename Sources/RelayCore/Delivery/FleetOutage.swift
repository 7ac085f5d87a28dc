public import OCRContract

/// What processes that share a rate tell each other about an outage of the service. Times are those of the keeper's clock.
public struct FleetOutage: Sendable, Equatable {
  /// When this became so; a later one takes its place.
  public var changedAt: Duration
  /// The closing and the failed probes after it; 0 when calls succeed again.
  public var failures: Int
  /// No probe before this time.
  public var until: Duration
  /// What calls failed with.
  public var code: ErrorCode
  /// The service's own code for it; empty when there was none.
  public var backendCode: String

  /// Makes one. Of the service's code only letters, digits and `.`, `_`, `-` are kept, 40 at most.
  public init(changedAt: Duration, failures: Int, until: Duration, code: ErrorCode, backendCode: String) {
    self.changedAt = changedAt
    self.failures = failures
    self.until = until
    self.code = code
    self.backendCode = Self.harmless(backendCode)
  }

  /// Whether calls fail.
  public var isClosed: Bool { failures > 0 }

  /// The failure, as those take it who did not see it themselves.
  public var failure: CallFailure {
    CallFailure(
      code: code, retry: .backoff, scope: .service,
      backend: BackendFault(domain: "ocr", code: backendCode.isEmpty ? nil : backendCode, billed: .no))
  }

  // MARK: Text

  /// The failure in the text that travels: codes alone, nothing of any request.
  public static func cause(of failure: CallFailure) -> String {
    "\(failure.code.rawValue),\(harmless(failure.backend.code ?? ""))"
  }

  /// Reads `changedAt,failures,until,code,backendCode` with times in microseconds; nil when the text is something else.
  public init?(text: String) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 5 else { return nil }
    let numbers = parts.prefix(3).compactMap { Int64($0) }
    guard numbers.count == 3, numbers.allSatisfy({ (0..<1 << 53).contains($0) }), numbers[1] <= 1 << 20 else {
      return nil
    }
    let code = ErrorCode(rawValue: String(parts[3]))
    guard let code = numbers[1] == 0 ? code ?? .backendFailed : code else { return nil }
    self.init(
      changedAt: .microseconds(numbers[0]), failures: Int(numbers[1]), until: .microseconds(numbers[2]), code: code,
      backendCode: String(parts[4]))
  }

  private static func harmless(_ code: String) -> String {
    let bytes = code.utf8.filter {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
      default: false
      }
    }
    return String(decoding: bytes.prefix(40), as: UTF8.self)
  }
}
