/// A rectangle in pixels of the picture as it was sent; right and bottom lie outside.
struct Box: Sendable, Equatable {
  var left: Int
  var top: Int
  var right: Int
  var bottom: Int

  var width: Int { right - left }
  var height: Int { bottom - top }
  var middleX: Int { (left + right) / 2 }
  var middleY: Int { (top + bottom) / 2 }

  func union(_ other: Box) -> Box {
    Box(
      left: min(left, other.left), top: min(top, other.top), right: max(right, other.right),
      bottom: max(bottom, other.bottom))
  }

  /// How many pixels the two share from left to right; negative is the gap between them.
  func horizontalOverlap(_ other: Box) -> Int { min(right, other.right) - max(left, other.left) }

  /// How many pixels the two share from top to bottom; negative is the gap between them.
  func verticalOverlap(_ other: Box) -> Int { min(bottom, other.bottom) - max(top, other.top) }

  /// The four corners, clockwise from the top left, as the service writes locations.
  var location: JSONValue {
    .array(
      [(left, top), (right, top), (right, bottom), (left, bottom)].map { .array([.integer($0.0), .integer($0.1)]) })
  }
}

/// One character as read.
struct Glyph: Sendable, Equatable {
  var text: String
  /// 0 to 1, Tesseract's own.
  var confidence: Double
  var box: Box
}

/// One word as read: a run of letters, or a run of ideographs that Tesseract kept together.
struct Word: Sendable, Equatable {
  var text: String
  /// 0 to 1, Tesseract's own.
  var confidence: Double
  var box: Box
  var glyphs: [Glyph] = []
}

/// One line of text as read, from left to right.
struct Line: Sendable, Equatable {
  var words: [Word]

  var box: Box {
    words.dropFirst().reduce(words.first?.box ?? Box(left: 0, top: 0, right: 0, bottom: 0)) { $0.union($1.box) }
  }
  /// The mean of the words' confidences, each weighted by its length.
  var confidence: Double {
    let length = words.reduce(0) { $0 + $1.text.count }
    guard length > 0 else { return 0 }
    return words.reduce(0) { $0 + $1.confidence * Double($1.text.count) } / Double(length)
  }
  /// The words joined. Between letters or digits a blank stands wherever Tesseract saw two words; beside an
  /// ideograph only where there is a real gap.
  var text: String { Run(self).text }
}

/// Everything read from one picture.
struct Page: Sendable, Equatable {
  var width: Int
  var height: Int
  /// Degrees by which the text stood turned, clockwise; nil when nobody asked.
  var direction: Double?
  var lines: [Line]
}

extension Unicode.Scalar {
  /// True for Chinese characters and the full-width signs that are written without blanks around them.
  var isIdeographic: Bool {
    switch value {
    case 0x2e80...0x303f, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfaff, 0xfe30...0xfe4f, 0xff00...0xffef: true
    default: false
    }
  }
}
