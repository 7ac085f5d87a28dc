import OCRContract
import RelayCore

/// Makes a ``CallFailure`` of an answer that is no result, by the error table.
struct FailureJudge {
  /// What was found, also for tests: the envelope, the entry, and the failure made of both.
  struct Verdict {
    var envelope: ErrorEnvelope?
    var entry: ErrorEntry
    var failure: CallFailure
  }

  /// Which table speaks for a bare status: `iam` for token requests, else `http`.
  var statusDomain: ErrorDomain = .http

  func judge(_ head: AnswerHead, body: RawSpan, scan: AnswerScan? = nil) -> Verdict {
    // A body with both a result and an error says nothing that could be trusted.
    let contradicts = scan.map { $0.hasResult && $0.hasError && !Self.nestsError(body) } ?? false
    let envelope = contradicts ? nil : ErrorEnvelope(body)
    let entry = self.entry(envelope, status: head.status)
    return Verdict(
      envelope: envelope, entry: entry, failure: failure(head, envelope: envelope, entry: entry, scan: scan))
  }

  /// Whether the error stands inside `result`, as one documented page has it, rather than beside it.
  private static func nestsError(_ body: RawSpan) -> Bool {
    guard body.byteCount <= ErrorEnvelope.maximumBytes else { return false }
    let document = body.withUnsafeBytes { try? JSONReader.read($0, text: .repair) }
    guard let document else { return false }
    return document["error_code"] == nil && document["error_msg"] == nil && document["error"] == nil
  }

  private func entry(_ envelope: ErrorEnvelope?, status: Int) -> ErrorEntry {
    if let envelope {
      let message = FoldedMessage(envelope.message ?? "")
      if let code = envelope.code,
        let entry = ErrorTable.entry(domain: envelope.domain, code: code, status: status, message: message),
        entry.errorClass != nil
      {
        return entry
      }
      if envelope.domain == .gateway, let entry = ErrorTable.gatewayEntry(status: status, message: message) {
        return entry
      }
    }
    let message = FoldedMessage(envelope?.message ?? "")
    if statusDomain != .http,
      let entry = ErrorTable.entry(domain: statusDomain, code: String(status), status: status, message: message)
    {
      return entry
    }
    return ErrorTable.httpEntry(status: status)
  }

  private func failure(
    _ head: AnswerHead, envelope: ErrorEnvelope?, entry: ErrorEntry, scan: AnswerScan?
  ) -> CallFailure {
    let wait = RetryAfter.wait(head.retryAfter, date: head.date)
    let billed: Billed =
      switch head.status {
      case 200...299: envelope == nil ? .unknown : .yes
      default: .no
      }
    var failure = CallFailure(
      code: entry.relayCode, retry: entry.retry, scope: entry.scope, minimumWait: entry.minimumWait,
      maxAttempts: entry.maxAttempts,
      backend: BackendFault(
        domain: (envelope?.domain ?? entry.domain).rawValue,
        code: MessageFilter.code(envelope?.code),
        message: envelope?.message.flatMap(MessageFilter.publish),
        httpStatus: head.status,
        requestID: MessageFilter.requestID(head.requestID) ?? MessageFilter.requestID(envelope?.requestID),
        billed: billed),
      advice: entry.advice)
    adjust(&failure, status: head.status, wait: wait, scan: scan)
    if failure.retry == .backoffWithRateCut {
      failure.throttle = ThrottleText.notice(envelope?.message ?? "", kind: entry.throttle, retryAfter: wait)
    }
    return failure
  }

  private func adjust(_ failure: inout CallFailure, status: Int, wait: Duration?, scan: AnswerScan?) {
    if status == 413, wait != nil {
      // With a time to come back, the refusal is about the moment and not about the size.
      failure.code = .backendFailed
      failure.retry = .backoff
      failure.advice = ErrorCode.backendFailed.advice
    }
    if failure.code == .backendAnswerInvalid, scan?.isObject == true {
      // JSON without a result comes from the service itself and concerns this request; each try may be charged.
      failure.scope = .message
      failure.maxAttempts = 3
    }
    if let wait, failure.retry == .backoff || failure.retry == .backoffWithRateCut {
      failure.minimumWait = max(failure.minimumWait ?? .zero, wait)
    }
  }
}
