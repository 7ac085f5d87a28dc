import OCRContract

/// The error that a body tells of, whatever form it has.
struct ErrorEnvelope: Equatable {
  /// The table to look the code up in; `http` when the form does not tell.
  var domain: ErrorDomain
  /// The code as text. Empty: the form has a place for a code, but it is empty.
  var code: String?
  /// The message without request ids at its end.
  var message: String?
  /// The id in the body, or else the last one in the message.
  var requestID: String?

  /// Bodies longer than this tell nothing: no service sends such errors.
  static let maximumBytes = 1 << 20

  /// Reads a body; nil when it is no JSON object or holds no error in a known form.
  init?(_ body: RawSpan) {
    guard body.byteCount > 0, body.byteCount <= Self.maximumBytes else { return nil }
    let document = body.withUnsafeBytes { try? JSONReader.read($0, limit: Self.maximumBytes, text: .repair) }
    guard let document, document.members != nil else { return nil }
    self.init(document)
  }

  private init(domain: ErrorDomain, code: String?, message: String?, requestID: String? = nil) {
    self.domain = domain
    self.code = code
    let (text, inMessage) = Self.strippingRequestIDs(message ?? "")
    self.message = message == nil ? nil : text
    self.requestID = requestID ?? inMessage
  }
}

extension ErrorEnvelope {
  private init?(_ document: JSONValue) {
    if let envelope = Self.flat(document) ?? Self.nested(document) ?? Self.plain(document) {
      self = envelope
    } else if let result = document["result"], let envelope = Self.flat(result) {
      self = envelope
    } else {
      return nil
    }
  }

  /// `error_code` with `error_msg` or `error_desc`: OCR, ModelArts, gateways, newer IAM, IoT. Owners of a gateway may
  /// spell the names without the line.
  private static func flat(_ document: JSONValue) -> ErrorEnvelope? {
    let code = document.first("error_code", "errorCode", "errorcode")?.textOrNumber
    let description = document["error_desc"]?.text
    let message = document.first("error_msg", "errorMsg", "errormsg")?.text ?? description
    guard code != nil || message != nil else { return nil }
    let isNumber = code.map { !$0.isEmpty && $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } } ?? false
    let domain = code.flatMap(ErrorDomain.init(code:)) ?? (isNumber || description != nil ? .iot : .http)
    let requestID = document.first("request_id", "requestId", "requestid")?.text
    return ErrorEnvelope(
      domain: domain, code: code, message: message ?? document["message"]?.text, requestID: requestID)
  }

  /// An object under `error`: IAM has a title or a number as code, gateways that speak like OpenAI have a type.
  private static func nested(_ document: JSONValue) -> ErrorEnvelope? {
    guard let error = document["error"] else { return nil }
    guard error.members != nil else {
      return error.text.map { ErrorEnvelope(domain: .http, code: nil, message: $0) }
    }
    let code = error["code"]?.textOrNumber
    let message = error["message"]?.text
    guard code != nil || message != nil else { return nil }
    let known = code.flatMap(ErrorDomain.init(code:))
    let isIAM = error["type"] == nil && (error["title"] != nil || error["code"]?.integer != nil)
    let domain = known ?? (isIAM ? .iam : .gateway)
    return ErrorEnvelope(domain: domain, code: domain == .gateway ? code ?? "" : code, message: message)
  }

  /// Forms with the message at the top: the language-model service and the dashboard of a gateway.
  private static func plain(_ document: JSONValue) -> ErrorEnvelope? {
    let code = document["code"]?.textOrNumber
    if let detail = document["detail"]?.text { return ErrorEnvelope(domain: .maas, code: code, message: detail) }
    guard let message = document["message"]?.text else { return nil }
    let domain: ErrorDomain? =
      if document["object"]?.text == "error" {
        .maas
      } else if document["success"]?.flag == false {
        .gateway
      } else {
        code.map { ErrorDomain(code: $0) ?? .http }
      }
    return domain.map { ErrorEnvelope(domain: $0, code: code, message: message) }
  }
}

extension JSONValue {
  fileprivate func first(_ names: String...) -> JSONValue? { names.lazy.compactMap { self[$0] }.first }
}
