/// Fields of a railway ticket, told by their form and by where they stand to each other.
enum TrainTicketRules {
  @Sendable static func fields(_ layout: Layout) -> Fields {
    var fields: Fields = [:]
    for (index, row) in layout.rows.enumerated() {
      for piece in row { readAlone(piece.run, into: &fields) }
      readRow(layout.row(index), into: &fields)
    }
    readStations(layout, into: &fields)
    fields["check_port"] = layout.value("检票", "票:")?.stretches(where: \.isAlphanumeric).first?.field
    return fields["train_number"] == nil || fields["departure_time"] == nil ? [:] : fields
  }

  /// Fields that stand in a piece of their own.
  private static func readAlone(_ run: Run, into fields: inout Fields) {
    let text = String(run.folded)
    if fields["ticket_id"] == nil, let found = letterAndDigits(run, 6...7) { fields["ticket_id"] = found.field }
    if fields["train_number"] == nil, let found = letterAndDigits(run, 1...4), "GDCKZTYL".contains(text.prefix(1)) {
      fields["train_number"] = found.field
    }
    if text.contains("车"), text.hasSuffix("号"), text.first?.isDigit == true { fields["seat_number"] = run.field }
    if ["等座", "硬座", "软座", "硬卧", "软卧", "动卧", "无座", "商务座"].contains(where: text.contains) {
      fields["seat_category"] = run.trimmed().field
    }
    if text.hasSuffix("开"), let date = Amounts.date(in: run) {
      let start = run.marks.count - run.marks.drop { $0 != date.marks[0] }.count
      fields["departure_time"] = run.part(start).field
    }
    if let price = Amounts.money(in: run), text.hasSuffix("元") {
      fields["ticket_price"] = FieldValue(
        (price.value.text ?? "") + "元", confidence: price.confidence, box: run.box)
    }
  }

  /// Fields that are the rest of a row after something of known form.
  private static func readRow(_ run: Run, into fields: inout Fields) {
    if let number = run.stretches(where: { $0.isDigit || $0 == "*" || $0 == "X" }).first,
      number.marks.count == 18, number.folded.contains("*") || fields["id_number"] == nil
    {
      fields["id_number"] = number.field
      fields["name"] = rest(of: run, after: number)?.field
    }
    if let log = run.stretches(where: \.isAlphanumeric).first(where: { $0.marks.count == 21 }) {
      fields["log_id"] = log.field
      fields["sale_location"] = rest(of: run, after: log)?.field
    }
  }

  private static func readStations(_ layout: Layout, into fields: inout Fields) {
    for row in layout.rows.indices {
      let stations = layout.rows[row].filter { $0.run.marks.last?.character == "站" }
      guard stations.count == 2 else { continue }
      fields["departure_station"] = stations[0].run.field
      fields["destination_station"] = stations[1].run.field
      guard row + 1 < layout.rows.count else { return }
      let below = layout.rows[row + 1].filter { $0.run.folded.allSatisfy { $0.isASCII && $0.isLetter } }
      fields["departure_station_en"] = below.first { $0.box.horizontalOverlap(stations[0].box) > 0 }?.run.field
      fields["destination_station_en"] = below.first { $0.box.horizontalOverlap(stations[1].box) > 0 }?.run.field
      return
    }
  }

  private static func letterAndDigits(_ run: Run, _ count: ClosedRange<Int>) -> Run? {
    let text = run.folded
    guard let first = text.first, first.isASCII, first.isUppercase, count.contains(text.count - 1),
      text.dropFirst().allSatisfy(\.isDigit)
    else { return nil }
    return run
  }

  private static func rest(of run: Run, after part: Run) -> Run? {
    guard let last = part.marks.last, let index = run.marks.lastIndex(of: last) else { return nil }
    let rest = run.part(index + 1).trimmed()
    return rest.isEmpty ? nil : rest
  }
}
