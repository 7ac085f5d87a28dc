/// Finds the documented fields of an API in what was read.
enum FieldExtraction {
  static func fields(of specification: APISpecification, options: RequestOptions, page: Page) -> Fields { [:] }

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
