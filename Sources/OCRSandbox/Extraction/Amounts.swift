/// Reads sums of money and dates out of runs.
enum Amounts {
  /// The first sum with a currency sign, written `￥12.30`. Tesseract takes the sign for one of two ideographs now and
  /// then; beside digits they can be nothing else.
  static func money(in run: Run) -> FieldValue? { all(in: run).first }

  /// All sums with a currency sign, from left to right.
  static func all(in run: Run) -> [FieldValue] {
    let signs: Set<Character> = ["￥", "半", "羊", "Y"]
    let folded = run.folded
    return folded.indices.compactMap { index in
      guard signs.contains(folded[index]), index + 1 < folded.count, folded[index + 1].isNumber else { return nil }
      let digits = run.part(index + 1).stretches { $0.isASCII && ($0.isNumber || $0 == "." || $0 == ",") }.first
      guard let digits else { return nil }
      let text = String(digits.folded.filter { $0 != "," })
      return run.part(index, index + 1 + digits.marks.count).field("￥" + text)
    }
  }

  /// A date with 年, 月 and 日, and whatever follows that belongs to it.
  static func date(in run: Run) -> Run? {
    let folded = run.folded
    guard let year = folded.firstIndex(of: "年"), year >= 4, let day = folded[year...].firstIndex(of: "日"),
      folded[(year - 4)..<year].allSatisfy({ $0.isASCII && $0.isNumber })
    else { return nil }
    return run.part(year - 4, day + 1)
  }

  /// `1990年8月17日` as `1990-08-17`.
  static func dashed(_ date: Run) -> String {
    let parts = date.stretches { $0.isASCII && $0.isNumber }.map { String($0.folded) }
    guard parts.count == 3 else { return "" }
    return parts.map { $0.count == 1 ? "0" + $0 : $0 }.joined(separator: "-")
  }
}

extension Character {
  /// An ASCII digit.
  var isDigit: Bool { isASCII && isNumber }
  /// An ASCII letter or digit.
  var isAlphanumeric: Bool { isASCII && (isNumber || isLetter) }
}
