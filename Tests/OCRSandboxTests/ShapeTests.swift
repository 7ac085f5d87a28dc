import Foundation
import Testing

@testable import OCRSandbox

@Suite struct ShapeTests {
  /// All parameters that add something to an answer, for APIs that know them.
  private static func fullBody(_ api: APISpecification) -> String {
    var members: [JSONValue.Member] = []
    for parameter in api.parameters {
      switch (parameter.kind, parameter.name) {
      case (.string, "image"), (.string, "data"):
        members.append(.init(parameter.name, .string(Pictures.base64(Pictures.bmp(200, 200)))))
      case (.boolean, _): members.append(.init(parameter.name, true))
      case (.string, "template_id"): members.append(.init(parameter.name, "sandbox-template"))
      case (.string, "number"): members.append(.init(parameter.name, "12345678"))
      case (.string, "issue_date"): members.append(.init(parameter.name, "2026-01-31"))
      case (.strings, "extract_type"): members.append(.init(parameter.name, ["contact_info", "image_size"]))
      default: break
      }
    }
    return JSONValue.object(members).jsonText
  }

  @Test func everyAPIAnswersInItsDocumentedForm() async throws {
    let apis = try APICatalogue().apis
    #expect(apis.count == 52)
    try await withSandbox { client, _ in
      let token = try await client.token()
      for api in apis {
        let reply = try await client.ocr(api.api, Self.fullBody(api), token: token)
        #expect(reply.status == 200, "\(api.api): \(reply.code ?? "")")
        #expect(Self.difference(reply.json, api.shape, at: api.api) == nil)
        #expect(reply.json["result"] != nil, "\(api.api)")
      }
    }
  }

  @Test func whatNobodyAskedForIsNotThere() async throws {
    try await withSandbox { client, _ in
      let token = try await client.token()
      let plain = try await client.ocr("id-card", Pictures.image, token: token).json["result"]
      for name in [
        "text_location", "portrait_image", "verification_result", "detect_copy_result", "front", "score_info",
      ] {
        #expect(plain?[name] == nil, "\(name)")
      }
      let asked = try await client.ocr(
        "id-card", Pictures.image.dropLast() + #","return_verification":true,"detect_copy":true,"side":"double_side"}"#,
        token: token
      ).json["result"]
      for name in ["verification_result", "detect_copy_result", "front", "score_info"] {
        #expect(asked?[name] != nil, "\(name)")
      }
    }
  }

  @Test func labelsGiveFieldsToTheOtherAPIs() throws {
    let lines = ["护照号码：E12345678", "姓名：张三", "印章"].enumerated().map { row, text in
      Line(words: [
        Word(text: text, confidence: 0.9, box: Box(left: 10, top: row * 40, right: 400, bottom: row * 40 + 30))
      ])
    }
    let page = Page(width: 500, height: 200, direction: nil, lines: lines)
    let api = try #require(try APICatalogue()["passport"])
    let options = RequestOptions(.object([]), for: api)
    let fields = try FieldExtraction.fields(of: api, options: options, page: page)
    let body = AnswerBuilder(specification: api, options: options, page: page, fields: fields).body()
    #expect(body["result"]?["passport_number"] == "E12345678")
    #expect(body["result"]?["nationality"] == "")
    #expect(body["result"]?["confidence"]?["passport_number"] == 0.9)
    #expect(Self.difference(body, api.shape, at: "passport") == nil)
  }

  @Test func picturesWithoutTextAndOfAnotherKindAreRefused() throws {
    let api = try #require(try APICatalogue()["quota-invoice"])
    let options = RequestOptions(.object([]), for: api)
    #expect(throws: Refusal.recognitionFailed) {
      try FieldExtraction.fields(
        of: api, options: options, page: Page(width: 9, height: 9, direction: nil, lines: []))
    }
    let word = Word(text: "hello", confidence: 1, box: Box(left: 0, top: 0, right: 90, bottom: 30))
    #expect(throws: Refusal.poorImage) {
      try FieldExtraction.fields(
        of: api, options: options, page: Page(width: 99, height: 40, direction: nil, lines: [Line(words: [word])]))
    }
  }

  /// Where a value differs from its documented form; nil when it does not. Members may be missing, not strange.
  private static func difference(_ value: JSONValue, _ shape: Shape, at path: String) -> String? {
    switch (shape, value) {
    case (.string, .string), (.int, .integer), (.bool, .bool), (.object, .object): return nil
    case (.float, .number), (.float, .integer): return nil
    case (.map(let element), .object(let members)):
      return members.lazy.compactMap { difference($0.value, element, at: path + "." + $0.name) }.first
    case (.list(let element), .array(let elements)):
      return elements.lazy.compactMap { difference($0, element, at: path + "[]") }.first
    case (.fields(let fields), .object(let members)):
      for member in members {
        guard let field = fields.first(where: { $0.name == member.name }) else { return "\(path).\(member.name)" }
        if let found = difference(member.value, field.shape, at: path + "." + member.name) { return found }
      }
      return nil
    default: return "\(path): \(value.jsonText.prefix(60))"
    }
  }
}
