import CTesseract

/// Walks through Tesseract's results and copies them out. Used where the engine lives, never kept.
struct ResultReader {
  let iterator: OpaquePointer

  /// All lines with their words and characters, in reading order.
  func lines() -> [Line] {
    var lines: [Line] = []
    var words: [Word] = []
    repeat {
      if isAtStart(of: RIL_TEXTLINE), !words.isEmpty {
        lines.append(Line(words: words))
        words = []
      }
      if let word = word() { words.append(word) }
    } while TessResultIteratorNext(iterator, RIL_WORD) != 0
    if !words.isEmpty { lines.append(Line(words: words)) }
    return lines
  }

  private func word() -> Word? {
    guard let text = text(RIL_WORD), let box = box(RIL_WORD) else { return nil }
    return Word(
      text: text, confidence: confidence(RIL_WORD), box: box, glyphs: glyphs())
  }

  /// The characters of the word under the iterator, walked with a copy so that the caller's place stays.
  private func glyphs() -> [Glyph] {
    guard let copy = TessResultIteratorCopy(iterator) else { return [] }
    defer { TessResultIteratorDelete(copy) }
    let reader = ResultReader(iterator: copy)
    var glyphs: [Glyph] = []
    repeat {
      if let text = reader.text(RIL_SYMBOL), let box = reader.box(RIL_SYMBOL) {
        glyphs.append(Glyph(text: text, confidence: reader.confidence(RIL_SYMBOL), box: box))
      }
      if reader.isAtEnd(of: RIL_WORD) { break }
    } while TessResultIteratorNext(copy, RIL_SYMBOL) != 0
    return glyphs
  }

  private func text(_ level: TessPageIteratorLevel) -> String? {
    guard let raw = TessResultIteratorGetUTF8Text(iterator, level) else { return nil }
    defer { TessDeleteText(raw) }
    let text = String(cString: raw)
    let trimmed = text.drop { $0.isWhitespace }
    guard let last = trimmed.lastIndex(where: { !$0.isWhitespace }) else { return nil }
    return String(trimmed[...last])
  }

  private func confidence(_ level: TessPageIteratorLevel) -> Double {
    let percent = Double(TessResultIteratorConfidence(iterator, level))
    return (max(0, min(100, percent)) * 100).rounded() / 10_000
  }

  private func box(_ level: TessPageIteratorLevel) -> Box? {
    var (left, top, right, bottom) = (Int32(0), Int32(0), Int32(0), Int32(0))
    let page = TessResultIteratorGetPageIteratorConst(iterator)
    guard TessPageIteratorBoundingBox(page, level, &left, &top, &right, &bottom) != 0 else { return nil }
    return Box(left: Int(left), top: Int(top), right: Int(right), bottom: Int(bottom))
  }

  private func isAtStart(of level: TessPageIteratorLevel) -> Bool {
    TessPageIteratorIsAtBeginningOf(TessResultIteratorGetPageIteratorConst(iterator), level) != 0
  }

  private func isAtEnd(of level: TessPageIteratorLevel) -> Bool {
    TessPageIteratorIsAtFinalElement(TessResultIteratorGetPageIteratorConst(iterator), level, RIL_SYMBOL) != 0
  }
}
