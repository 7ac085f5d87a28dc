/// Builds the body of a successful answer in the documented form of its API.
struct AnswerBuilder {
  let specification: APISpecification
  let options: RequestOptions
  let page: Page
  let fields: Fields

  /// The whole body.
  func body() -> JSONValue {
    guard case .fields(let top) = specification.shape else { return .object([]) }
    return .object(top.map { .init($0.name, $0.name == "result" ? result($0.shape) : value(of: $0)) })
  }

  /// A result documented as a list holds one entry for the one document on the picture.
  private func result(_ shape: Shape) -> JSONValue {
    switch shape {
    case .list(let element): .array([object(element)])
    case .object: .object(fields.sorted { $0.key < $1.key }.map { .init($0.key, $0.value.value) })
    default: object(shape)
    }
  }

  private func object(_ shape: Shape) -> JSONValue {
    guard case .fields(let members) = shape else { return .empty(shape) }
    let wanted = members.filter { OptionalMembers.isWanted($0.name, options: options) }
    return .object(wanted.map { .init($0.name, value(of: $0)) })
  }

  private func value(of field: Shape.Field) -> JSONValue {
    if let known = general(field) { return known }
    if let found = fields[field.name] { return shaped(found, field.shape) }
    if case .fields = field.shape { return object(field.shape) }
    return .empty(field.shape)
  }

  /// A found text in the documented form of its field: some APIs wrap each text with its place, or in a list.
  private func shaped(_ found: FieldValue, _ shape: Shape) -> JSONValue {
    switch shape {
    case .list(.string) where found.value.text != nil:
      found.value.text?.isEmpty == true ? .array([]) : .array([found.value])
    case .fields(let members) where members.contains { $0.name == "words" }:
      .object(
        members.map {
          switch $0.name {
          case "words": .init("words", found.value)
          case "location": .init("location", found.box?.location ?? .array([]))
          default: .init($0.name, .empty($0.shape))
          }
        })
    case .string: found.value.text == nil ? "" : found.value
    default: found.value
    }
  }

  /// Members whose meaning is the same in every API.
  private func general(_ field: Shape.Field) -> JSONValue? {
    switch field.name {
    case "words_block_list":
      if case .list(let block) = field.shape { return WordBlocks(page: page, options: options).list(block) }
      return nil
    case "words_block_count": return .integer(page.lines.count)
    case "words_region_count": return 1
    case "words_region_list", "bank_receipt_list":
      if case .list(let region) = field.shape { return .array([object(region)]) }
      return nil
    case "direction": return field.shape == .float ? .number(page.direction ?? -1) : nil
    case "image_size": return .fields(["height": .integer(page.height), "width": .integer(page.width)])
    case "confidence": return confidence(field.shape)
    case "text_location": return textLocation()
    case "plate_location" where field.shape == .list(.list(.int)),
      "location" where field.shape == .list(.list(.int)),
      "bank_receipt_location" where field.shape == .list(.list(.int)):
      return Box(left: 0, top: 0, right: page.width, bottom: page.height).location
    case "markdown_result": return .string(page.lines.map(\.text).joined(separator: "\n\n"))
    case "status" where field.shape.member("error_code") != nil:
      return .fields(["error_code": "AIS.0000", "error_msg": "Succeeded."])
    default: return nil
    }
  }

  private func confidence(_ shape: Shape) -> JSONValue? {
    switch shape {
    case .float:
      let all = fields.values.map(\.confidence)
      return (all.isEmpty ? 0 : all.reduce(0, +) / Double(all.count)).asConfidence
    case .object, .map:
      return .object(documentedTexts().map { .init($0, (fields[$0]?.confidence ?? 0).asConfidence) })
    case .fields(let members):
      return .object(
        members.map {
          .init($0.name, $0.shape == .float ? (fields[$0.name]?.confidence ?? 0).asConfidence : .empty($0.shape))
        })
    default: return nil
    }
  }

  private func textLocation() -> JSONValue {
    .object(documentedTexts().compactMap { name in fields[name]?.box.map { .init(name, $0.location) } })
  }

  /// The result's text fields, in documented order.
  private func documentedTexts() -> [String] {
    var shape = specification.shape.member("result")
    if case .list(let element)? = shape { shape = element.member("content") ?? element }
    guard case .fields(let members)? = shape else { return [] }
    return members.filter { $0.shape == .string && OptionalMembers.isWanted($0.name, options: options) }.map(\.name)
  }
}
