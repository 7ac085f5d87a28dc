/// Values of the message property `type` on replies.
public enum MessageType {
  /// The body is the OCR service's answer, byte for byte.
  public static let result = "ocr.result.v1"
  /// The body is a ``Problem``.
  public static let error = "ocr.error.v1"
}
