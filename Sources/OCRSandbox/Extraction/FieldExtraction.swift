/// Finds the documented fields of an API in what was read.
enum FieldExtraction {
  /// How the sandbox answers an API.
  enum Depth: String, Sendable {
    /// Every line of text that was read.
    case text
    /// Rules of its own for this document.
    case document
    /// Whatever stands beside a label that names a field.
    case labels
    /// No picture is involved.
    case none
  }

  private static let documents: [String: @Sendable (Layout) -> Fields] = [
    "quota-invoice": QuotaInvoiceRules.fields, "vat-invoice": VATInvoiceRules.fields, "id-card": IDCardRules.fields,
    "bankcard": BankcardRules.fields, "train-ticket": TrainTicketRules.fields,
    "business-license": BusinessLicenseRules.fields,
  ]

  static func depth(of specification: APISpecification) -> Depth {
    if documents[specification.api] != nil { return .document }
    if specification.sources.isEmpty { return .none }
    let texts = ["general-text", "web-image", "handwriting", "general-table", "smart-document-recognizer"]
    return texts.contains(specification.api) ? .text : .labels
  }

  /// The fields found; refuses a picture that holds no text, or nothing of the document it should be.
  static func fields(
    of specification: APISpecification, options: RequestOptions, page: Page
  ) throws(Refusal) -> Fields {
    let layout = Layout(page)
    switch depth(of: specification) {
    case .text, .none: return webImageFields(specification, options: options, page: page)
    case .labels:
      if page.lines.isEmpty { throw .recognitionFailed }
      return LabelRules.fields(of: specification, layout: layout)
    case .document:
      if page.lines.isEmpty { throw .recognitionFailed }
      let fields = documents[specification.api]?(layout) ?? [:]
      if fields.isEmpty { throw .poorImage }
      return fields
    }
  }

  /// `web-image` tells the picture's size when asked.
  private static func webImageFields(
    _ specification: APISpecification, options: RequestOptions, page: Page
  ) -> Fields {
    let wanted = options.texts("extract_type")
    guard !wanted.isEmpty else { return [:] }
    var members: [JSONValue.Member] = []
    if wanted.contains("contact_info"), let shape = specification.shape.member("result")?.member("extracted_data") {
      members.append(.init("contact_info", .empty(shape.member("contact_info") ?? .object)))
    }
    if wanted.contains("image_size") {
      members.append(.init("image_size", .fields(["height": .integer(page.height), "width": .integer(page.width)])))
    }
    return ["extracted_data": FieldValue(.object(members), confidence: 1, box: nil)]
  }

  /// The answer of an API that takes no picture: the sandbox has no tax authority to ask.
  static func withoutPicture(_ specification: APISpecification, options: RequestOptions) -> JSONValue {
    var fields: Fields = [:]
    for name in ["code", "number", "check_code", "subtotal_amount"] {
      if let text = options.text(name) { fields[name] = FieldValue(text, confidence: 1, box: nil) }
    }
    let date = (options.text("issue_date") ?? "").filter { $0 != "-" }
    fields["issue_date"] = FieldValue(date, confidence: 1, box: nil)
    fields["result_code"] = FieldValue("1002", confidence: 1, box: nil)
    fields["result_message"] = FieldValue("not found: the sandbox asks no tax authority", confidence: 1, box: nil)
    let page = Page(width: 0, height: 0, direction: nil, lines: [])
    return AnswerBuilder(specification: specification, options: options, page: page, fields: fields).body()
  }
}
