import FoundationEssentials

/// The body of an OCR call, checked against the rules of its API in the order the service checks them.
struct OCRRequest: Sendable {
  enum Document: Sendable, Equatable {
    case file(Data)
    case url(String)
    /// The API takes no document.
    case none
  }

  var document: Document
  var options: RequestOptions

  init(body: Data, contentType: String?, specification: APISpecification) throws(Refusal) {
    guard Self.isJSON(contentType), let json = try? JSONValue(parsing: body) else { throw .invalidJSON }
    guard json.members != nil else { throw .invalidParameter }
    for parameter in specification.parameters { try Self.check(parameter, json[parameter.name]) }
    try Self.checkTemplate(json, specification)
    document = try Self.document(json, specification)
    options = RequestOptions(json, for: specification)
  }

  private static func isJSON(_ contentType: String?) -> Bool {
    let type = contentType?.split(separator: ";").first.map { $0.filter { !$0.isWhitespace }.lowercased() }
    return type == "application/json"
  }

  private static func check(_ parameter: APISpecification.Parameter, _ value: JSONValue?) throws(Refusal) {
    guard let value, value != .null else {
      if parameter.isRequired { throw .invalidParameter }
      return
    }
    let fits =
      switch parameter.kind {
      case .string: value.text.map { isAllowed($0, parameter) } ?? false
      case .boolean: value.boolean != nil
      case .integer: value.wholeNumber.map { $0 >= (parameter.minimum ?? Int.min) } ?? false
      case .object: value.members != nil
      case .strings: value.elements?.allSatisfy { $0.text.map { isAllowed($0, parameter) } ?? false } ?? false
      }
    if !fits { throw .invalidParameter }
  }

  private static func isAllowed(_ text: String, _ parameter: APISpecification.Parameter) -> Bool {
    if parameter.isDate { return isDate(text) }
    return parameter.values.isEmpty || parameter.values.contains(text)
  }

  private static func isDate(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2], parts.joined().allSatisfy({ $0.isASCII && $0.isNumber }),
      let month = Int(parts[1]), let day = Int(parts[2])
    else { return false }
    return (1...12).contains(month) && (1...31).contains(day)
  }

  /// `custom-template` wants one of two ids; the sandbox knows the two that `--help` names.
  private static func checkTemplate(_ json: JSONValue, _ specification: APISpecification) throws(Refusal) {
    guard specification.parameters.contains(where: { $0.name == "template_id" }) else { return }
    let ids = [json["template_id"]?.text, json["classifier_id"]?.text].compactMap { $0 }
    guard ids.count == 1 else { throw .invalidParameter }
    guard ["sandbox-template", "sandbox-classifier"].contains(ids[0]) else { throw .unknownTemplate }
  }

  private static func document(_ json: JSONValue, _ specification: APISpecification) throws(Refusal) -> Document {
    let sources = specification.sources
    guard !sources.isEmpty else { return .none }
    let given = sources.compactMap { name in json[name]?.text.map { (name, $0) } }
    guard given.count == 1, !given[0].1.isEmpty else { throw .invalidParameter }
    let (name, text) = given[0]
    if name == "url" { return .url(text) }
    if let limit = specification.maximumBase64Bytes, text.utf8.count > limit { throw .wrongSize }
    guard !text.hasPrefix("data:"), let file = Data(base64Encoded: text) else { throw .unsupportedFormat }
    return .file(file)
  }
}
