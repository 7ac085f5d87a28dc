/// The table that an error code belongs to. The same code may mean different things in different systems.
public enum ErrorDomain: String, CaseIterable, Sendable {
  /// OCR itself, `AIS.…`.
  case ocr
  /// The platform OCR runs on, `ModelArts.…`.
  case modelarts
  /// The language-model service of the same vendor.
  case maas
  /// The API gateway, `APIG.…`.
  case apig
  /// The older API gateway, `APIGW.…`.
  case apigw
  /// Identity and access management, `IAM.…` or the HTTP status as a number.
  case iam
  /// The IoT platform, bare numbers.
  case iot
  /// Codes inside 200 answers of invoice-verification.
  case invoiceVerification = "invoice-verification"
  /// Names of exceptions of the vendor's client library.
  case sdk
  /// Gateways that speak like OpenAI.
  case gateway
  /// No code: the HTTP status, or what became of the connection.
  case http

  /// The domain a code tells by its first part; nil when it does not.
  init?(code: String) {
    guard let dot = code.utf8.firstIndex(of: UInt8(ascii: ".")) else { return nil }
    switch String(code[..<dot]) {
    case "AIS": self = .ocr
    case "ModelArts": self = code.utf8[dot...].count > 5 ? .maas : .modelarts
    case "APIG": self = .apig
    case "APIGW": self = .apigw
    case "IAM": self = .iam
    default: return nil
    }
  }
}
