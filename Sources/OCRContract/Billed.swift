/// Whether the OCR service charges for a call. In JSON: `true`, `false`, and `null` when nobody can know, for instance
/// because the connection broke after the request was sent.
public enum Billed: String, Sendable, CaseIterable {
  case yes = "true"
  case no = "false"
  case unknown
}
