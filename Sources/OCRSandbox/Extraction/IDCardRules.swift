/// Fields of a resident identity card, both sides.
enum IDCardRules {
  @Sendable static func fields(_ layout: Layout) -> Fields {
    var fields: Fields = [:]
    let number = layout.stretch(18...18) { $0.isDigit || $0 == "X" || $0 == "x" }
    fields["number"] = number?.field
    fields["name"] = layout.value("姓名")?.field
    if let sex = layout.value("性别"), let mark = sex.marks.firstIndex(where: { "男女".contains($0.character) }) {
      fields["sex"] = sex.part(mark, mark + 1).field
    }
    fields["ethnicity"] = layout.value("民族")?.field
    for row in layout.rows.indices where fields["birth"] == nil {
      if let date = Amounts.date(in: layout.row(row)) { fields["birth"] = date.field(Amounts.dashed(date)) }
    }
    fields["address"] = address(layout)
    fields["issue"] = layout.value("签发机关")?.field
    if let term = layout.value("有效期限", acrossRow: true) {
      let dates = term.stretches { $0.isDigit || $0 == "." }
      fields["valid_from"] = dates.first?.field
      fields["valid_to"] = dates.count > 1 ? dates[1].field : nil
    }
    if let number { fields["verification_result"] = verification(number, birth: fields["birth"], sex: fields["sex"]) }
    let isCard = fields["number"] != nil || fields["issue"] != nil
    return isCard ? fields : [:]
  }

  /// The address runs over several rows, which begin in the same column; what stands further right is the portrait.
  private static func address(_ layout: Layout) -> FieldValue? {
    guard let place = layout.place(of: ["住址"]) else { return nil }
    var run = layout.value(after: place)
    guard let column = run.box?.left, let height = run.box?.height else { return nil }
    var row = place.row + 1
    while row < layout.rows.count {
      let next = layout.rows[row].first { abs($0.box.left - column) < height }
      guard let next, let bottom = run.box?.bottom, next.box.top - bottom < height else { break }
      run = Run(
        run.marks
          + next.run.marks.enumerated().map { index, mark in
            var mark = mark
            if index == 0 { mark.hasBlankBefore = false }
            return mark
          })
      row += 1
    }
    return run.field
  }

  /// Checks the digits against each other, as the service does when asked to.
  private static func verification(_ number: Run, birth: FieldValue?, sex: FieldValue?) -> FieldValue {
    let digits = number.folded.map { $0 == "x" ? "X" : $0 }
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(digits, weights).reduce(0) { $0 + ($1.0.wholeNumberValue ?? 0) * $1.1 }
    let check = Array("10X98765432")[sum % 11]
    let born = birth?.value.text?.filter { $0 != "-" } ?? ""
    let isMale = (digits[16].wholeNumberValue ?? 0) % 2 == 1
    return FieldValue(
      .fields([
        "valid_number": .bool(digits[17] == check), "valid_birth": .bool(String(digits[6..<14]) == born),
        "valid_sex": .bool(sex?.value.text == (isMale ? "男" : "女")),
      ]), confidence: number.confidence, box: nil)
  }
}
