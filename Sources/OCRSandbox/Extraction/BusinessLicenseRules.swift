/// Fields of a business licence: one label a row, the value to its right.
enum BusinessLicenseRules {
  private static let labels: KeyValuePairs<String, [String]> = [
    "registration_number": ["统一社会信用代码", "社会信用代码", "注册号"], "name": ["名称"], "type": ["类型"],
    "address": ["住所", "营业场所", "经营场所"], "legal_representative": ["法定代表人", "负责人", "经营者"],
    "registered_capital": ["注册资本"], "organization_form": ["组成形式"], "found_date": ["成立日期", "注册日期"],
    "business_term": ["营业期限"], "business_scope": ["经营范围"],
  ]

  @Sendable static func fields(_ layout: Layout) -> Fields {
    var fields: Fields = [:]
    for (name, labels) in labels {
      guard let place = layout.place(of: labels) else { continue }
      fields[name] = layout.value(after: place, acrossRow: name == "business_scope" || name == "business_term").field
    }
    fields["registration_number"] =
      layout.stretch(18...18, where: \.isAlphanumeric)?.field ?? fields["registration_number"]
    fields["issue_date"] = issueDate(layout)
    let isLicense = fields["registration_number"] != nil || fields["legal_representative"] != nil
    return isLicense ? fields : [:]
  }

  /// The last date of the page that stands alone in its row.
  private static func issueDate(_ layout: Layout) -> FieldValue? {
    guard let start = layout.place(of: ["登记机关"])?.row else { return nil }
    for row in start..<layout.rows.count {
      if let date = Amounts.date(in: layout.row(row)) { return date.field }
    }
    return nil
  }
}
