import Foundation
import Testing

@testable import OCRSandbox

@Suite struct RequestRuleTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var api = "general-text"
    var body: String
    var contentType: String? = "application/json"
    var code: String?
    var testDescription: String { name }
  }

  private static func with(_ extra: String) -> String { Pictures.image.dropLast() + "," + extra + "}" }
  private static func image(_ data: Data) -> String { #"{"image":""# + data.base64EncodedString() + #""}"# }

  static let cases: [Case] = [
    Case(name: "plain", body: Pictures.image),
    Case(name: "charset", body: Pictures.image, contentType: "application/json;charset=UTF-8"),
    Case(name: "upper-case type", body: Pictures.image, contentType: "Application/JSON"),
    Case(name: "form", body: Pictures.image, contentType: "application/x-www-form-urlencoded", code: "ModelArts.4105"),
    Case(name: "text", body: Pictures.image, contentType: "text/json", code: "ModelArts.4105"),
    Case(name: "not JSON", body: "image=x", code: "ModelArts.4105"),
    Case(name: "cut JSON", body: String(Pictures.image.dropLast()), code: "ModelArts.4105"),
    Case(name: "two values", body: Pictures.image + "{}", code: "ModelArts.4105"),
    Case(name: "list", body: "[]", code: "AIS.0101"),
    Case(name: "neither", body: "{}", code: "AIS.0101"),
    Case(name: "both", body: with(#""url":"http://127.0.0.1/a.png""#), code: "AIS.0101"),
    Case(name: "empty", body: #"{"image":""}"#, code: "AIS.0101"),
    Case(name: "number", body: #"{"image":5}"#, code: "AIS.0101"),
    Case(name: "null", body: #"{"image":null}"#, code: "AIS.0101"),
    Case(name: "data prefix", body: #"{"image":"data:image/png;base64,iVBORw0KGgo="}"#, code: "AIS.0102"),
    Case(name: "not base64", body: #"{"image":"****"}"#, code: "AIS.0102"),
    Case(name: "line end in base64", body: #"{"image":"Qk02\nAAAA"}"#, code: "AIS.0102"),
    Case(name: "text file", body: image(Data("hello, this is text".utf8)), code: "AIS.0102"),
    Case(
      name: "too many base64 bytes", body: #"{"image":""# + String(repeating: "A", count: 10_485_764) + #""}"#,
      code: "AIS.0103"),
    Case(name: "narrow", body: image(Pictures.bmp(14, 100)), code: "AIS.0103"),
    Case(name: "just wide enough", body: image(Pictures.bmp(15, 15))),
    Case(name: "side limit of quota-invoice", api: "quota-invoice", body: image(Pictures.pngHead(4096, 100))),
    Case(name: "beyond it", api: "quota-invoice", body: image(Pictures.pngHead(4097, 100)), code: "AIS.0103"),
    Case(name: "general-text takes more", body: image(Pictures.pngHead(30_000, 100))),
    Case(name: "beyond that", body: image(Pictures.pngHead(30_001, 100)), code: "AIS.0103"),
    Case(name: "pixel limit", body: image(Pictures.pngHead(16_001, 10_000)), code: "AIS.0103"),
    Case(name: "vat-invoice wants 100 px", api: "vat-invoice", body: image(Pictures.bmp(99, 200)), code: "AIS.0103"),
    Case(name: "damaged head", body: image(Pictures.pngHead(100, 100).prefix(20)), code: "AIS.0102"),
    Case(name: "GIF for general-text", body: image(Data("GIF89a".utf8) + Data(count: 40)), code: "AIS.0102"),
    Case(name: "GIF for id-card", api: "id-card", body: image(Data("GIF89a".utf8) + Data(count: 40)), code: "AIS.0102"),
    Case(name: "PDF for general-text", body: image(Data("%PDF-1.4 \n".utf8))),
    Case(name: "PDF for id-card", api: "id-card", body: image(Data("%PDF-1.4 \n".utf8)), code: "AIS.0102"),
    Case(name: "boolean", body: with(#""detect_direction":true"#)),
    Case(name: "boolean as text", body: with(#""detect_direction":"true""#), code: "AIS.0101"),
    Case(name: "boolean as number", body: with(#""detect_direction":1"#), code: "AIS.0101"),
    Case(name: "boolean as null", body: with(#""detect_direction":null"#)),
    Case(name: "known language", body: with(#""language":"de""#)),
    Case(name: "unknown language", body: with(#""language":"tlh""#), code: "AIS.0101"),
    Case(name: "unknown parameter", body: with(#""no_such_parameter":"x""#)),
    Case(name: "side", api: "id-card", body: with(#""side":"front""#)),
    Case(name: "wrong side", api: "id-card", body: with(#""side":"top""#), code: "AIS.0101"),
    Case(name: "page of a PDF", body: with(#""pdf_page_number":1"#)),
    Case(name: "page zero", body: with(#""pdf_page_number":0"#), code: "AIS.0101"),
    Case(name: "page as text", body: with(#""pdf_page_number":"1""#), code: "AIS.0101"),
    Case(name: "list of names", api: "web-image", body: with(#""extract_type":["image_size"]"#)),
    Case(name: "wrong name in a list", api: "web-image", body: with(#""extract_type":["size"]"#), code: "AIS.0101"),
    Case(name: "text for a list", api: "web-image", body: with(#""extract_type":"image_size""#), code: "AIS.0101"),
    Case(name: "vehicle kind", api: "mvs-invoice", body: with(#""type":"older""#), code: "AIS.0101"),
    Case(name: "data, not image", api: "seal", body: Pictures.image, code: "AIS.0101"),
    Case(name: "template missing", api: "custom-template", body: Pictures.image, code: "AIS.0101"),
    Case(name: "template unknown", api: "custom-template", body: with(#""template_id":"t1""#), code: "AIS.0117"),
    Case(name: "template known", api: "custom-template", body: with(#""template_id":"sandbox-template""#)),
    Case(
      name: "two ids", api: "custom-template", body: with(#""template_id":"a","classifier_id":"b""#), code: "AIS.0101"),
    Case(name: "verification", api: "invoice-verification", body: #"{"number":"1","issue_date":"2026-01-31"}"#),
    Case(
      name: "verification without number", api: "invoice-verification", body: #"{"issue_date":"2026-01-31"}"#,
      code: "AIS.0101"),
    Case(
      name: "date of other form", api: "invoice-verification", body: #"{"number":"1","issue_date":"20260131"}"#,
      code: "AIS.0101"),
    Case(
      name: "month 13", api: "invoice-verification", body: #"{"number":"1","issue_date":"2026-13-01"}"#,
      code: "AIS.0101"),
    Case(name: "public url", body: #"{"url":"https://example.com/a.png"}"#, code: "ModelArts.4603"),
    Case(name: "loopback url not allowed", body: #"{"url":"http://127.0.0.1:9/a.png"}"#, code: "ModelArts.4603"),
    Case(name: "file url", body: #"{"url":"file:///etc/passwd"}"#, code: "ModelArts.4601"),
  ]

  @Test(arguments: cases)
  func rulesOfTheRequest(_ example: Case) async throws {
    try await withSandbox { client, _ in
      let token = try await client.token()
      let reply = try await client.ocr(
        example.api, example.body, token: token, contentType: example.contentType)
      #expect(reply.code == example.code)
      #expect(reply.status == (example.code == nil ? 200 : 400))
      #expect((reply.json["result"] == nil) == (example.code != nil))
      #expect(reply.headers["x-request-id"]?.count == 32)
    }
  }

  @Test func filesThatCannotBeReadFailWhenReadingIsMeant() throws {
    let catalogue = try APICatalogue()
    let api = try #require(catalogue["general-text"])
    #expect(throws: Refusal.recognitionFailed) {
      try DocumentRules.check(Data("%PDF-1.4 ".utf8), for: api, isInstant: false)
    }
  }

  @Test func loopbackAddressesAreFetchedOnlyWhenAllowed() async throws {
    try await withSandbox { files, _ in
      try await withSandbox {
        $0.allowsLoopbackURLs = true
      } _: { client, _ in
        let token = try await client.token()
        // The other sandbox's health page is no picture: it was fetched, and then refused for what it is.
        let fetched = try await client.ocr(
          "general-text", #"{"url":"\#(files.base)/sandbox/health"}"#, token: token)
        #expect(fetched.code == "AIS.0102")
        let missing = try await client.ocr("general-text", #"{"url":"\#(files.base)/nothing"}"#, token: token)
        #expect(missing.code == "ModelArts.4603")
      }
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func damagedRequestsNeverTrap(seed: UInt64) throws {
    print("seed \(seed)")
    var dice = SeededDice(seed: seed)
    let catalogue = try APICatalogue()
    let api = try #require(catalogue["id-card"])
    let good = Array(Self.with(#""side":"front","detect_copy":false"#).utf8)
    for _ in 0..<400 {
      var bytes = good
      for _ in 0..<Int(1 + dice.roll() * 6) {
        bytes[Int(dice.roll() * Double(min(bytes.count, 200)))] = UInt8(dice.roll() * 256)
      }
      if dice.roll() < 0.3 { bytes = Array(bytes.prefix(Int(dice.roll() * Double(bytes.count)))) }
      guard
        let request = try? OCRRequest(body: Data(bytes), contentType: "application/json", specification: api),
        case .file(let file) = request.document
      else { continue }
      try? DocumentRules.check(file, for: api, isInstant: true)
    }
  }
}
