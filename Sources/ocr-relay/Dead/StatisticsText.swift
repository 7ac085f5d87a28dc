import DeadLetters
import OCRContract

/// Statistics as a person on call wants to read them: what is worst, since when, and what to do about it.
enum StatisticsText {
  /// Rows of a table; the rest is summed up.
  private static let rows = 12
  /// From so many deliveries on the limit of newer brokers is worth a word.
  private static let manyDeliveries = 10

  static func lines(of statistics: LetterStatistics, place: LetterPlace, now: Int64) -> [String] {
    let total = statistics.total
    guard total.letters > 0 else { return [place == .dead ? "no dead letters" : "no letters are put aside"] }
    var lines = [head(total, place, now: now)]
    for (title, groups) in [
      ("CAUSE", statistics.causes), ("CODE", statistics.codes), ("API", statistics.apis),
      ("PUBLISHER", statistics.users),
    ] {
      lines.append("")
      lines += table(title, groups, now: now)
    }
    lines.append("")
    lines += ages(statistics)
    return lines + [""] + advice(statistics)
  }

  private static func head(_ total: LetterStatistics.Group, _ place: LetterPlace, now: Int64) -> String {
    let name = place == .dead ? "dead letters" : "letters put aside"
    let ages = "oldest \(AgeText.since(total.oldest, now: now)), newest \(AgeText.since(total.newest, now: now))"
    return "\(AgeText.count(total.letters)) \(name), \(AgeText.size(total.bytes)), \(ages)"
  }

  private static func table(
    _ title: String, _ groups: [String: LetterStatistics.Group], now: Int64
  ) -> [String] {
    var table = TextTable([title, "LETTERS", "OLDEST", "NEWEST"], numbers: [1])
    let ranked = LetterStatistics.ranked(groups)
    for (name, group) in ranked.prefix(rows) {
      table.add([
        name, AgeText.count(group.letters), AgeText.since(group.oldest, now: now),
        AgeText.since(group.newest, now: now),
      ])
    }
    let rest = ranked.dropFirst(rows)
    if !rest.isEmpty {
      table.add(["… \(rest.count) more", AgeText.count(rest.reduce(0) { $0 + $1.group.letters }), "", ""])
    }
    return table.lines
  }

  private static func ages(_ statistics: LetterStatistics) -> [String] {
    var table = TextTable(["AGE", "LETTERS"], numbers: [1])
    for age in LetterStatistics.Age.allCases {
      if let count = statistics.ages[age] { table.add([age.rawValue, AgeText.count(count)]) }
    }
    return table.lines
  }

  private static func advice(_ statistics: LetterStatistics) -> [String] {
    var lines: [String] = []
    if let worst = LetterStatistics.ranked(statistics.codes).first {
      lines.append("Most often \(PrintableText.of(worst.name)):")
      if let advice = ErrorCode(rawValue: worst.name)?.advice { lines.append("  \(advice)") }
      lines.append("  ocr-relay dead list --code \(PrintableText.of(worst.name)) --limit 3")
    }
    if statistics.replayed > 0 {
      lines.append("\(AgeText.count(statistics.replayed)) were replayed before and failed again.")
    }
    if statistics.highestDeliveryCount >= manyDeliveries {
      lines.append(
        "Some were handed out \(statistics.highestDeliveryCount) times: RabbitMQ 4 drops a letter after 20, "
          + "see `ocr-relay dead --help`.")
    }
    return lines
  }
}
