import Foundation
import OCRContract
import RelayCore
import Testing

@testable import HuaweiCloud

struct HuaweiCatalogueTests {
  /// `ocr-apis.json` as it is published.
  private struct Published: Decodable {
    struct Parameter: Decodable {
      let name: String
      let kind: String
      let values: [String]?
      let minimum: Int?
      let maximum: Int?
      let required: Bool?
    }
    struct Image: Decodable {
      let formats: [String]
      let min_side_px: Int
      let max_side_px: Int
      let max_pixels: Int?
      let max_base64_bytes: Int
    }
    struct API: Decodable {
      let name: String
      let operation: String
      let parameters: [Parameter]
      let exactly_one_of: [[String]]
      let image: Image?
      let regions: [String]
    }
    let path: String
    let apis: [API]
  }

  private let published: Published

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources/HuaweiCloud/Catalogue/ocr-apis.json")
    published = try JSONDecoder().decode(Published.self, from: Data(contentsOf: file))
  }

  @Test func hasAllAPIs() {
    #expect(published.apis.count == 52)
    #expect(HuaweiCatalogue.ocr.names == published.apis.map(\.name))
    #expect(Set(published.apis.map(\.operation)).count == 52)
  }

  @Test func agreesWithThePublishedFile() throws {
    for expected in published.apis {
      let api = try #require(HuaweiCatalogue.ocr[expected.name])
      #expect(api.name == expected.name)
      #expect(api.operation == expected.operation)
      #expect(api.pathTemplate == published.path.replacing("{name}", with: expected.name))
      #expect(api.exactlyOneOf == expected.exactly_one_of)
      #expect(api.regions == expected.regions)
      #expect(api.parameters.map(\.name) == expected.parameters.map(\.name))
      for (parameter, expected) in zip(api.parameters, expected.parameters) {
        #expect("\(parameter.kind)" == expected.kind)
        #expect(parameter.values == expected.values ?? [])
        #expect(parameter.minimum == expected.minimum)
        #expect(parameter.maximum == expected.maximum)
        #expect(parameter.isRequired == expected.required ?? false)
      }
      #expect((api.image == nil) == (expected.image == nil))
      guard let image = api.image, let expected = expected.image else { continue }
      let formats = ImageKind.allCases.filter { image.formats.contains(ImageFormats($0)) }
      #expect(Set(formats.map { "\($0)" }) == Set(expected.formats))
      #expect(image.minSide == expected.min_side_px)
      #expect(image.maxSide == expected.max_side_px)
      #expect(image.maxPixels == expected.max_pixels)
      #expect(image.maxBase64Bytes == expected.max_base64_bytes)
    }
  }

  /// Figures that the vendor's pages state, so that a slip in the data itself shows.
  @Test func knowsTheExceptions() throws {
    let catalogue = HuaweiCatalogue.ocr
    #expect(catalogue.apis.filter { $0.image == nil }.map(\.name) == ["invoice-verification"])
    let field = { (api: APIDescription) in api.imageParameter.map { api.parameters[$0].name } }
    #expect(
      catalogue.apis.filter { field($0) == "data" }.map(\.name)
        == ["auto-id-doc-classification", "bank-receipt", "seal", "smart-document-recognizer"])
    let text = try #require(catalogue["general-text"])
    #expect(text.image?.maxPixels == 160_000_000)
    #expect(text.image?.maxSide == 30_000)
    #expect(text.takesPDF)
    let quota = try #require(catalogue["quota-invoice"])
    #expect(quota.image?.minSide == 15)
    #expect(quota.image?.formats == [.jpeg, .png, .bmp, .tiff])
    #expect(quota.regions == ["cn-north-4"])
    #expect(quota.path(projectID: "p") == "/v2/p/ocr/quota-invoice")
    #expect(catalogue.apis.allSatisfy { $0.image.map { $0.maxBase64Bytes == 10_485_760 } ?? true })
    #expect(
      catalogue.apis.filter(\.takesPDF).map(\.name) == [
        "auto-classification", "bank-receipt", "business-license", "general-text", "mvs-invoice", "peru-id-card",
        "seal",
        "smart-document-recognizer", "vat-invoice",
      ])
  }

  /// A minimal request for each API passes, by address and as a picture.
  @Test(arguments: HuaweiCatalogue.ocr.names)
  func plansAMinimalRequest(_ name: String) throws {
    let validator = RequestValidator(catalogue: HuaweiCatalogue.ocr)
    let api = try #require(HuaweiCatalogue.ocr[name])
    var members = api.parameters.filter(\.isRequired).map { "\"\($0.name)\":\"1\"" }
    for group in api.exactlyOneOf { members.append("\"\(group[group.count - 1])\":\"https://a.example/b\"") }
    let body = Array("{\(members.joined(separator: ","))}".utf8)
    let plan = try RequestView.with(type: name, contentType: "application/json") { view in
      body.withUnsafeBytes { body in
        Result { () throws(RequestRejection) in try validator.plan(view, body: body) }
      }
    }.get()
    #expect(plan.api === api)
    #expect(plan.usesURL == (api.image != nil))
  }

  @Test func suggestsNames() {
    #expect(HuaweiCatalogue.ocr.nearest(to: "general_text") == "general-text")
    #expect(HuaweiCatalogue.ocr.nearest(to: "IdCard") == "id-card")
    #expect(HuaweiCatalogue.ocr.nearest(to: "vatinvoice") == "vat-invoice")
    #expect(HuaweiCatalogue.ocr.nearest(to: "cambodian-id-card") == "cambodian-idcard")
  }
}
