/// Values of the message property `type` on what the relay publishes.
public enum MessageType {
  /// The body is the OCR service's answer, byte for byte.
  public static let result = "ocr.result.v1"
  /// The body is a ``Problem``.
  public static let error = "ocr.error.v1"
  /// The body is an ``OutcomeNotice``.
  public static let outcome = "ocr.outcome.v1"
}
