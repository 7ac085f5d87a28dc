/// A row of characters as read, each with its place and confidence; the unit that label rules work on.
struct Run: Sendable, Equatable {
  /// One character.
  struct Mark: Sendable, Equatable {
    var character: Character
    /// 0 to 1, of the glyph it came from.
    var confidence: Double
    var box: Box
    /// True when a blank stands before it in running text.
    var hasBlankBefore: Bool
  }

  var marks: [Mark]

  init(_ marks: [Mark]) { self.marks = marks }

  init(_ line: Line) {
    var marks: [Mark] = []
    for word in line.words {
      let glyphs =
        word.glyphs.isEmpty ? [Glyph(text: word.text, confidence: word.confidence, box: word.box)] : word.glyphs
      for (place, glyph) in glyphs.enumerated() {
        for (index, character) in glyph.text.enumerated() where !character.isWhitespace {
          let isFirst = place == 0 && index == 0
          let blank = isFirst && marks.last.map { Self.needsBlank($0, character, glyph.box) } == true
          marks.append(
            Mark(character: character, confidence: glyph.confidence, box: glyph.box, hasBlankBefore: blank))
        }
      }
    }
    self.marks = marks
  }

  /// The text with blanks.
  var text: String {
    var text = ""
    for (index, mark) in marks.enumerated() {
      if index > 0, mark.hasBlankBefore { text += " " }
      text.append(mark.character)
    }
    return text
  }

  /// The characters with full-width signs folded to their plain forms, one for each mark.
  var folded: [Character] { marks.map { Self.fold($0.character) } }

  var isEmpty: Bool { marks.isEmpty }
  var box: Box? { marks.first.map { first in marks.dropFirst().reduce(first.box) { $0.union($1.box) } } }
  /// The mean of the characters' confidences.
  var confidence: Double {
    marks.isEmpty ? 0 : marks.reduce(0) { $0 + $1.confidence } / Double(marks.count)
  }

  /// True for a line that is worth a second reading as English: letters, and hardly an ideograph.
  var isMostlyLatin: Bool {
    let letters = marks.count { $0.character.isASCII && $0.character.isLetter }
    let ideographs = marks.count {
      $0.character.unicodeScalars.contains(where: \.isIdeographic) && $0.character.isLetter
    }
    return letters >= 3 && ideographs * 5 <= letters
  }

  /// As a field; nil when there is nothing.
  var field: FieldValue? { isEmpty ? nil : FieldValue(text, confidence: confidence, box: box) }

  /// A field with another text that was made out of this run.
  func field(_ text: String) -> FieldValue? {
    isEmpty || text.isEmpty ? nil : FieldValue(text, confidence: confidence, box: box)
  }

  /// The part from `start` up to `end`.
  func part(_ start: Int, _ end: Int? = nil) -> Run {
    Run(Array(marks[min(start, marks.count)..<min(end ?? marks.count, marks.count)]))
  }

  /// Without signs at both ends that belong to a label or are dirt.
  func trimmed() -> Run {
    let dirt: Set<Character> = [
      ":", ";", ",", ".", "“", "”", "\"", "'", "‘", "’", "-", "_", "|", "、", "·", "*", "~", "`",
    ]
    var marks = marks[...]
    while let first = marks.first, dirt.contains(Self.fold(first.character)) { marks = marks.dropFirst() }
    while let last = marks.last, dirt.subtracting([".", "*"]).contains(Self.fold(last.character)) {
      marks = marks.dropLast()
    }
    return Run(Array(marks))
  }

  /// The longest stretches of characters that fulfil `condition`, from left to right.
  func stretches(where condition: (Character) -> Bool) -> [Run] {
    let folded = folded
    var found: [Run] = []
    var start: Int?
    for index in 0...marks.count {
      if index < marks.count, condition(folded[index]) {
        if start == nil { start = index }
      } else if let from = start {
        found.append(part(from, index))
        start = nil
      }
    }
    return found
  }

  /// Full-width forms (U+FF01 to U+FF5E) as plain ASCII, both yen signs as `￥`.
  static func fold(_ character: Character) -> Character {
    guard let scalar = character.unicodeScalars.first, character.unicodeScalars.count == 1 else { return character }
    if scalar.value == 0xa5 || scalar.value == 0xffe5 { return "￥" }
    if (0xff01...0xff5e).contains(scalar.value), let plain = Unicode.Scalar(scalar.value - 0xfee0) {
      return Character(plain)
    }
    return scalar == "〈" ? "(" : scalar == "〉" ? ")" : character
  }

  private static func needsBlank(_ before: Mark, _ character: Character, _ box: Box) -> Bool {
    let touchesIdeograph =
      before.character.unicodeScalars.contains(where: \.isIdeographic)
      || character.unicodeScalars.contains(where: \.isIdeographic)
    if !touchesIdeograph { return true }
    return box.left - before.box.right > max(before.box.height, box.height)
  }
}
