/// Fields of a quota invoice: code and number beside their labels, the place from the heading, the sum in figures.
enum QuotaInvoiceRules {
  private static let places = [
    "北京", "天津", "上海", "重庆", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南",
    "湖北", "湖南", "广东", "广西", "海南", "四川", "贵州", "云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆",
  ]

  @Sendable static func fields(_ layout: Layout) -> Fields {
    var fields: Fields = [:]
    fields["code"] =
      (layout.value("发票代码", "票代码", "代码")?.stretches(where: \.isDigit).first ?? layout.stretch(12...12, where: \.isDigit))?
      .field
    fields["number"] =
      (layout.value("发票号码", "票号码", "号码")?.stretches(where: \.isDigit).first ?? layout.stretch(8...8, where: \.isDigit))?
      .field
    if let place = layout.place(of: places) {
      fields["location"] = layout.rows[place.row][place.piece].run.part(place.start, place.end).field
    }
    for row in layout.rows.indices where fields["amount"] == nil {
      fields["amount"] = Amounts.money(in: layout.row(row))
    }
    let hasInvoiceMark = fields["code"] != nil || fields["number"] != nil
    return hasInvoiceMark ? fields : [:]
  }
}
