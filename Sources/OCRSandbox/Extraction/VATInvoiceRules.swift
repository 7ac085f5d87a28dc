/// Fields of a value-added tax invoice: labels around the frame, two parties, a table of goods between them.
enum VATInvoiceRules {
  @Sendable static func fields(_ layout: Layout) -> Fields {
    var fields: Fields = [:]
    readHead(layout, into: &fields)
    let total = layout.place(of: ["价税合计"])?.row ?? layout.rows.count
    let table = layout.row(with: "单价", "税率")
    readParty("buyer", layout, from: 0, to: table ?? total, into: &fields)
    readParty("seller", layout, from: total + 1, to: layout.rows.count, into: &fields)
    if let table { readTable(layout, header: table, end: total, into: &fields) }
    readTotals(layout, row: total, into: &fields)
    for (name, labels) in [("receiver", ["收款人"]), ("reviewer", ["复核"]), ("issuer", ["开票人"])] {
      fields[name] = layout.place(of: labels, from: total).map { layout.value(after: $0) }?.field
    }
    fields["remarks"] = layout.value("备注", from: total)?.field
    let isInvoice = fields["code"] != nil || fields["number"] != nil
    return isInvoice ? fields : [:]
  }

  private static func readHead(_ layout: Layout, into fields: inout Fields) {
    if let title = layout.place(of: ["增值税普通发票", "增值税专用发票", "增值税电子普通发票", "电子发票"]) {
      let run = layout.rows[title.row][title.piece].run.part(0, title.end)
      fields["title"] = run.field
      fields["type"] = run.field(kind(of: run.text))
    }
    fields["code"] = layout.value("发票代码", "票代码")?.stretches(where: \.isDigit).first?.field
    fields["number"] = layout.value("发票号码", "票号码")?.stretches(where: \.isDigit).first?.field
    fields["machine_number"] = layout.value("机器编号")?.stretches(where: \.isDigit).first?.field
    if let check = layout.value("校验码") {
      fields["check_code"] = Run(check.marks.filter { Run.fold($0.character).isDigit }).field
    }
    fields["issue_date"] = layout.value("开票日期", "票日期").flatMap(Amounts.date)?.field
  }

  private static func kind(of title: String) -> String {
    switch (title.contains("电子"), title.contains("专用")) {
    case (true, true): "special_electronic"
    case (true, false): "electronic"
    case (false, true): "special"
    case (false, false): "normal"
    }
  }

  private static func readParty(
    _ prefix: String, _ layout: Layout, from: Int, to: Int, into fields: inout Fields
  ) {
    fields[prefix + "_name"] = layout.value("名称:", "名称", from: from, to: to)?.field
    fields[prefix + "_id"] = layout.value("纳税人识别号", "识别号", from: from, to: to)?.field
    fields[prefix + "_address"] = layout.value("地址、电话", "地址", from: from, to: to, acrossRow: true)?.field
    fields[prefix + "_bank"] = layout.value("开户行及账号", "开户行", from: from, to: to, acrossRow: true)?.field
  }

  private static let columns: KeyValuePairs<String, String> = [
    "名称": "name", "规格型号": "specification", "单位": "unit", "数量": "quantity", "单价": "unit_price", "金额": "amount",
    "税率": "tax_rate", "税额": "tax",
  ]

  /// Each piece under the heading belongs to the column whose heading stands nearest above it.
  private static func readTable(_ layout: Layout, header: Int, end: Int, into fields: inout Fields) {
    var headings: [(name: String, box: Box)] = []
    for (label, name) in columns {
      guard let place = layout.place(of: [label], from: header, to: header + 1),
        let box = name == "name"
          ? layout.rows[header][place.piece].box
          : layout.rows[header][place.piece].run.part(place.start, place.end).box
      else { continue }
      headings.append((name, box))
    }
    var items: [JSONValue] = []
    for row in (header + 1)..<max(header + 1, end) {
      let sums = Amounts.all(in: layout.row(row))
      if layout.place(of: ["合计"], from: row, to: row + 1) != nil || sums.count == 2 {
        fields["subtotal_amount"] = sums.first
        fields["subtotal_tax"] = sums.count > 1 ? sums[1] : nil
        continue
      }
      var cells: [String: String] = [:]
      for piece in layout.rows[row] {
        guard let heading = headings.min(by: { distance($0.box, piece.box) < distance($1.box, piece.box) }) else {
          continue
        }
        cells[heading.name, default: ""] += piece.run.text
      }
      guard cells["amount"] != nil, cells["name"] != nil else { continue }
      let names = [
        "name", "specification", "unit", "quantity", "unit_price", "amount", "tax_rate", "tax",
      ]
      items.append(.object(names.map { .init($0, .string(cells[$0] ?? "")) }))
    }
    if !items.isEmpty { fields["item_list"] = FieldValue(.array(items), confidence: 1, box: nil) }
  }

  private static func distance(_ heading: Box, _ cell: Box) -> Int {
    min(abs(heading.left - cell.left), abs(heading.right - cell.right), abs(heading.middleX - cell.middleX))
  }

  private static func readTotals(_ layout: Layout, row: Int, into fields: inout Fields) {
    guard row < layout.rows.count else { return }
    let run = layout.row(row)
    fields["total"] = Amounts.money(in: run)
    let folded = run.folded
    guard let start = folded.firstIndex(of: ")"), let end = folded[(start + 1)...].firstIndex(of: "整") else { return }
    fields["total_in_words"] = run.part(start + 1, end + 1).trimmed().field
  }
}
