import RelayCore
import Testing

struct APICatalogueTests {
  @Test func findsByNameAndByBytes() {
    let catalogue = SampleCatalogue.all
    #expect(catalogue.names == ["check", "document", "page-text"])
    #expect(catalogue["document"] === SampleCatalogue.document)
    for name in ["", "Document", "documen", "documents", "docum\u{0}nt"] { #expect(catalogue[name] == nil) }
    let text = Array("xxpage-textyy".utf8)
    text.withUnsafeBytes { bytes in
      #expect(catalogue[bytes: UnsafeRawBufferPointer(rebasing: bytes[2..<11])] === SampleCatalogue.page)
    }
  }

  @Test(
    arguments: [
      ("page_text", "page-text"), ("PAGE-TEXT", "page-text"), ("pagetext", "page-text"), ("page-texts", "page-text"),
      ("documnet", "document"), ("chek", "check"), ("", nil), ("x", nil), ("vat-invoice", nil), ("页", nil),
    ] as [(String, String?)])
  func suggestsTheNearestName(_ name: String, _ nearest: String?) {
    #expect(SampleCatalogue.all.nearest(to: name) == nearest)
  }

  @Test func indexesManyNames() {
    let names = (0..<1000).map { "name-\($0 * 7919)" } + (1...12).map { String(repeating: "n", count: $0) }
    let index = NameIndex(names)
    for (position, name) in names.enumerated() {
      Array(name.utf8).withUnsafeBytes { #expect(index.position(of: $0) == position) }
      Array((name + "!").utf8).withUnsafeBytes { #expect(index.position(of: $0) == nil) }
    }
  }

  @Test func fillsInThePath() {
    #expect(SampleCatalogue.page.path(projectID: "0a1b") == "/v2/0a1b/ocr/page-text")
    #expect(SampleCatalogue.document.takesPDF)
    #expect(!SampleCatalogue.page.takesPDF)
    #expect(!SampleCatalogue.check.takesPDF)
  }
}
