/// Fields of a bank card: the long number, the date beside VALID THRU, the bank's name.
enum BankcardRules {
  @Sendable static func fields(_ layout: Layout) -> Fields {
    var fields: Fields = [:]
    guard let number = number(layout) else { return [:] }
    fields["card_number"] = number.field(String(number.folded))
    for piece in layout.pieces {
      let text = piece.run.text
      if fields["bank_name"] == nil, text.hasSuffix("银行") || text.uppercased().hasSuffix("BANK") {
        fields["bank_name"] = piece.run.trimmed().field
      }
      if fields["type"] == nil, text.hasSuffix("借记卡") || text.hasSuffix("信用卡") || text.hasSuffix("贷记卡") {
        fields["type"] = piece.run.trimmed().field
      }
      for stretch in piece.run.stretches(where: { $0.isDigit || $0 == "/" }) where isMonth(stretch) {
        fields[fields["expiry_date"] == nil ? "expiry_date" : "issue_date"] = stretch.field
      }
    }
    return fields
  }

  /// The digits of the row with the most of them, when there are as many as card numbers have.
  private static func number(_ layout: Layout) -> Run? {
    layout.rows.indices.lazy
      .map { row in Run(layout.row(row).marks.filter { Run.fold($0.character).isDigit }) }
      .first { (15...19).contains($0.marks.count) }
  }

  /// `09/31`.
  private static func isMonth(_ run: Run) -> Bool {
    let parts = String(run.folded).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].count == 2, parts[1].count == 2, let month = Int(parts[0]) else { return false }
    return (1...12).contains(month)
  }
}
