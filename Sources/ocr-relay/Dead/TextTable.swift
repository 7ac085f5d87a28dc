/// Lines of columns that stand one below the other.
struct TextTable {
  private let headings: [String]
  /// Columns of numbers, to be aligned to the right.
  private let numbers: Set<Int>
  private var rows: [[String]] = []

  init(_ headings: [String], numbers: Set<Int> = []) {
    self.headings = headings
    self.numbers = numbers
  }

  /// Adds a row; its texts may come from outside.
  mutating func add(_ cells: [String]) { rows.append(cells.map { PrintableText.of($0) }) }

  /// The lines, the headings first.
  var lines: [String] {
    let all = [headings] + rows
    let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { cells in
      let padded = cells.indices.map { pad(cells[$0], to: widths[$0], $0) }
      let line = padded.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  private func pad(_ text: String, to width: Int, _ column: Int) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return numbers.contains(column) ? space + text : text + space
  }
}
