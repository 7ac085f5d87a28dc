/// The list of text blocks that text APIs answer with: one block a line.
struct WordBlocks {
  let page: Page
  let options: RequestOptions

  /// The blocks in the form that `shape` documents for one block.
  func list(_ shape: Shape) -> JSONValue {
    .array(page.lines.enumerated().map { block($0.element, row: $0.offset, shape: shape) })
  }

  private func block(_ line: Line, row: Int, shape: Shape) -> JSONValue {
    guard case .fields(let fields) = shape else { return .object([]) }
    return .object(
      fields.filter { OptionalMembers.isWanted($0.name, options: options) }.map { field in
        .init(field.name, value(of: field, line: line, row: row))
      })
  }

  private func value(of field: Shape.Field, line: Line, row: Int) -> JSONValue {
    switch field.name {
    case "words": .string(line.text)
    case "location", "cell_location": line.box.location
    case "confidence", "words_confidence": line.confidence.asConfidence
    case "rows": .array([.integer(row)])
    case "columns": .array([0])
    case "type": "text"
    case "char_list": .array(line.words.flatMap(\.glyphs).map(character))
    case "words_list":
      .array([
        .fields([
          "words": .string(line.text), "confidence": line.confidence.asConfidence, "location": line.box.location,
        ])
      ])
    default: .empty(field.shape)
    }
  }

  private func character(_ glyph: Glyph) -> JSONValue {
    .fields([
      "char": .string(glyph.text), "char_location": glyph.box.location,
      "char_confidence": glyph.confidence.asConfidence,
    ])
  }
}

extension JSONValue {
  /// The value of that form which says nothing.
  static func empty(_ shape: Shape) -> JSONValue {
    switch shape {
    case .string: ""
    case .int: 0
    case .float: 0.0
    case .bool: false
    case .object, .map: .object([])
    case .list: .array([])
    case .fields(let fields): .object(fields.map { Member($0.name, empty($0.shape)) })
    }
  }
}
