/// Turns answers of an OCR service into decisions. Each service brings its own. Pure: may be called anywhere.
public protocol OutcomeClassifier: Sendable {
  /// Judges an answer that arrived completely. The body is only read during the call.
  func classify(_ head: AnswerHead, body: RawSpan) -> CallOutcome

  /// Judges a call without a complete answer.
  func classify(transport failure: TransportFailure) -> CallFailure
}

extension OutcomeClassifier {
  /// Judges an answer whose body is an array.
  public func classify(_ head: AnswerHead, body: [UInt8]) -> CallOutcome { classify(head, body: body.span.bytes) }
}
