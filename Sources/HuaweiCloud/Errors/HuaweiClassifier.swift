public import RelayCore

/// Judges answers of Huawei Cloud OCR and of the gateway in front of it. Pure and without state.
public struct HuaweiClassifier: OutcomeClassifier {
  /// Makes a classifier; all are alike.
  public init() {}

  /// A 2xx is a success only when its body is a JSON object with `result` and without error members. Everything else is
  /// looked up in the error table: code and message first, then the status.
  public func classify(_ head: AnswerHead, body: RawSpan) -> CallOutcome {
    guard (200...299).contains(head.status) else {
      return .failure(FailureJudge().judge(head, body: body).failure)
    }
    let scan = AnswerScan(body)
    return scan.isResult ? .success : .failure(FailureJudge().judge(head, body: body, scan: scan).failure)
  }

  /// Judges a call without a complete answer.
  public func classify(transport failure: TransportFailure) -> CallFailure { failure.callFailure }
}
