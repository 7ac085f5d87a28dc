extension Layout {
  /// Where a label stands.
  struct Place: Sendable, Equatable {
    var row: Int
    var piece: Int
    /// Index in the piece's run of the first character after the label.
    var end: Int
    /// Index of the label's first character.
    var start: Int
  }

  /// The first place of any of `labels`, those named first preferred; searched from row `from` up to `to`.
  func place(of labels: [String], from: Int = 0, to: Int? = nil) -> Place? {
    for mayDiffer in [false, true] {
      for label in labels {
        let label = Array(label)
        for row in from..<max(from, min(to ?? rows.count, rows.count)) {
          for (piece, content) in rows[row].enumerated() {
            guard let start = Self.find(label, in: content.run.folded, mayDiffer: mayDiffer) else { continue }
            return Place(row: row, piece: piece, end: start + label.count, start: start)
          }
        }
      }
    }
    return nil
  }

  /// What stands after a label: the rest of its piece, else the next piece to the right.
  func value(after place: Place, acrossRow: Bool = false) -> Run {
    let row = rows[place.row]
    var run = row[place.piece].run.part(place.end).trimmed()
    var next = place.piece + 1
    while next < row.count, run.isEmpty || acrossRow {
      run = Run(run.marks + Self.spaced(row[next].run)).trimmed()
      next += 1
    }
    return run
  }

  /// What stands after the first of `labels` that is found.
  func value(_ labels: String..., from: Int = 0, to: Int? = nil, acrossRow: Bool = false) -> Run? {
    place(of: labels, from: from, to: to).map { value(after: $0, acrossRow: acrossRow) }.flatMap {
      $0.isEmpty ? nil : $0
    }
  }

  /// The first stretch of characters of that kind whose length is in `lengths`, row by row.
  func stretch(
    _ lengths: ClosedRange<Int>, from: Int = 0, to: Int? = nil, where condition: (Character) -> Bool
  ) -> Run? {
    for row in from..<max(from, min(to ?? rows.count, rows.count)) {
      for piece in rows[row] {
        if let found = piece.run.stretches(where: condition).first(where: { lengths.contains($0.marks.count) }) {
          return found
        }
      }
    }
    return nil
  }

  /// The index of the first row that holds all of `labels`.
  func row(with labels: String...) -> Int? {
    rows.indices.first { index in
      let text = row(index).folded
      return labels.allSatisfy { Self.find(Array($0), in: text, mayDiffer: false) != nil }
    }
  }

  private static func spaced(_ run: Run) -> [Run.Mark] {
    var marks = run.marks
    if !marks.isEmpty { marks[0].hasBlankBefore = true }
    return marks
  }

  /// Finds a label; with `mayDiffer`, one character of a label of four or more may have been misread.
  private static func find(_ label: [Character], in text: [Character], mayDiffer: Bool) -> Int? {
    let allowed = mayDiffer && label.count >= 4 ? 1 : 0
    guard !label.isEmpty, text.count >= label.count, !mayDiffer || allowed > 0 else { return nil }
    return (0...(text.count - label.count)).first { start in
      var wrong = 0
      for (index, character) in label.enumerated() where text[start + index] != character {
        wrong += 1
        if wrong > allowed { return false }
      }
      return true
    }
  }
}
