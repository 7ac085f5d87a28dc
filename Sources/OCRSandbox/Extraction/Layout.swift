/// What was read, ordered by where it stands: rows from top to bottom, in each row the pieces from left to right.
struct Layout: Sendable {
  struct Piece: Sendable, Equatable {
    var run: Run
    var box: Box
  }

  let rows: [[Piece]]

  init(_ page: Page) {
    let pieces = page.lines.flatMap(Self.pieces).sorted { $0.box.middleY < $1.box.middleY }
    var rows: [[Piece]] = []
    for piece in pieces {
      if let last = rows.last, Self.sharesRow(last, piece) {
        rows[rows.count - 1].append(piece)
      } else {
        rows.append([piece])
      }
    }
    self.rows = rows.map { $0.sorted { $0.box.left < $1.box.left } }
  }

  /// All pieces, row by row.
  var pieces: [Piece] { rows.flatMap { $0 } }

  /// A whole row as one run.
  func row(_ index: Int) -> Run { Run(rows[index].flatMap(\.run.marks)) }

  /// A line falls apart where the gap is wider than one and a half characters are high.
  private static func pieces(_ line: Line) -> [Piece] {
    var groups: [[Word]] = []
    let height = line.words.map(\.box.height).sorted().dropFirst(line.words.count / 2).first ?? 0
    for word in line.words {
      if let last = groups.last?.last, word.box.left - last.box.right <= height * 3 / 2 {
        groups[groups.count - 1].append(word)
      } else {
        groups.append([word])
      }
    }
    return groups.map { Piece(run: Run(Line(words: $0)), box: Line(words: $0).box) }
  }

  private static func sharesRow(_ row: [Piece], _ piece: Piece) -> Bool {
    guard
      let nearest = row.min(by: { abs($0.box.middleX - piece.box.middleX) < abs($1.box.middleX - piece.box.middleX) })
    else { return false }
    return nearest.box.verticalOverlap(piece.box) * 2 > min(nearest.box.height, piece.box.height)
  }
}
