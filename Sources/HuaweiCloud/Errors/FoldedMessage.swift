/// A message prepared for the search of phrases: bytes, ASCII letters in lower case.
struct FoldedMessage {
  let bytes: [UInt8]

  init(_ text: String) {
    bytes = text.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
  }

  /// Whether a phrase of the error table occurs. `^` at the beginning and `$` at the end tie it to the ends of the
  /// message, `*` stands for any text. More than that the table does not need, so there are no regular expressions.
  func contains(_ phrase: String) -> Bool {
    var pattern = FoldedMessage(phrase).bytes[...]
    let atStart = pattern.first == UInt8(ascii: "^")
    if atStart { pattern = pattern.dropFirst() }
    let atEnd = pattern.last == UInt8(ascii: "$")
    if atEnd { pattern = pattern.dropLast() }
    let pieces = pattern.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)

    var position = 0
    for (index, piece) in pieces.enumerated() {
      let isLast = index == pieces.count - 1
      if index == 0, atStart {
        guard bytes.starts(with: piece) else { return false }
        position = piece.count
      } else if isLast, atEnd {
        let start = bytes.count - piece.count
        return start >= position && bytes[start...].elementsEqual(piece)
      } else {
        guard let found = find(piece, from: position) else { return false }
        position = found + piece.count
      }
    }
    return !atEnd || position == bytes.count
  }

  private func find(_ piece: ArraySlice<UInt8>, from start: Int) -> Int? {
    guard bytes.count - start >= piece.count else { return nil }
    return (start...(bytes.count - piece.count)).first { bytes[$0...].starts(with: piece) }
  }
}

extension ErrorEntry {
  func matches(_ message: FoldedMessage) -> Bool { phrases.contains { message.contains($0) } }
}
