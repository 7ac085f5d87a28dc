import OCRClient
import OCRContract
import Testing

@testable import ocr_relay

@Suite struct OptionListTests {
  @Test(arguments: [
    (["detect_direction=true"], "{\"detect_direction\":true}"), (["n=3", "t=3a"], "{\"n\":3,\"t\":\"3a\"}"),
    (["id=\"0123\""], "{\"id\":\"0123\"}"), (["list=[1,\"b\"]"], "{\"list\":[1,\"b\"]}"),
    (["a=b=c"], "{\"a\":\"b=c\"}"),
    (["a="], "{\"a\":\"\"}"), (["a=null"], "{\"a\":\"null\"}"), (["a=007"], "{\"a\":\"007\"}"),
  ])
  func valuesAreJSONWhereTheyLookLikeIt(options: [String], expected: String) throws {
    let json = try #require(try OptionList(options).json)
    #expect(String(decoding: json, as: UTF8.self) == expected)
  }

  @Test func noOptionsAreNoObject() throws { #expect(try OptionList([]).json == nil) }

  @Test(arguments: [["a"], ["=a"], ["a=1", "a=2"], ["image=x"], ["url=x"], ["a=[1"], ["a=\"x"]])
  func mistakesAreRefused(options: [String]) {
    #expect(throws: OptionList.Invalid.self) { try OptionList(options) }
  }
}

@Suite struct RequestContentTests {
  @Test func picturesTravelAsTheyAre() {
    let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    #expect(RequestContent(file: png) == .file(png, .png))
    let pdf = Array("%PDF-1.7".utf8)
    #expect(RequestContent(file: pdf) == .file(pdf, .pdf))
  }

  @Test(arguments: [
    ("GIF89a", "{\"image\":\"R0lGODlh\"}"), ("hello", "{\"image\":\"aGVsbG8=\"}"), ("", "{\"image\":\"\"}"),
  ])
  func theRestTravelsAsBase64(file: String, expected: String) {
    #expect(RequestContent(file: Array(file.utf8)) == .json(Array(expected.utf8)))
  }

  @Test func aRequestBodyIsSentUnchanged() {
    let body = Array(" {\"image\": \"aGVsbG8=\"}\n".utf8)
    #expect(RequestContent(file: body) == .json(body))
  }

  @Test(arguments: [
    ("{\"image\":\"x\"}", "{\"a\":1,\"image\":\"x\"}"), (" { } ", " {\"a\":1 } "),
    ("{\n\"b\":2}", "{\"a\":1,\n\"b\":2}"),
  ])
  func parametersGoIntoTheObject(object: String, expected: String) throws {
    let options = try OptionList(["a=1"])
    #expect(String(decoding: RequestContent.adding(options, to: Array(object.utf8)), as: UTF8.self) == expected)
    #expect(RequestContent.adding(try OptionList([]), to: Array(object.utf8)) == Array(object.utf8))
  }

  @Test func parametersOfAFileTravelBesideIt() throws {
    let request = RequestContent.file([1], .png).request(
      api: "general-text", options: try OptionList(["a=true"]), timeout: .seconds(1))
    #expect(request.body == .file([1], .png))
    #expect(request.options == Array("{\"a\":true}".utf8))
  }

  @Test func anAddressIsEscaped() {
    #expect(RequestContent(url: "https://h/\"a") == .json(Array("{\"url\":\"https://h/\\\"a\"}".utf8)))
  }
}

@Suite struct ProgressTests {
  @Test func aLogGetsALineForEveryTenth() {
    var progress = Progress(total: 30, isScreen: false)
    let written = (1...30).map { progress.count(isFailure: $0 == 2) }.filter { !$0.isEmpty }
    #expect(written.count == 10)
    #expect(written.first == "3 of 30 answered, 1 failed\n")
    #expect(written.last == "30 of 30 answered, 1 failed\n")
    #expect(progress.erasure == "")
  }

  @Test func aScreenGetsOneLineThatChanges() {
    var progress = Progress(total: 2, isScreen: true)
    #expect(progress.erasure == "")
    #expect(progress.count(isFailure: false) == "\r\u{1B}[K1 of 2 answered")
    #expect(progress.erasure == "\r\u{1B}[K")
  }

  @Test func aSingleFileNeedsNone() {
    var progress = Progress(total: 1, isScreen: true)
    #expect(progress.count(isFailure: false) == "")
    #expect(progress.erasure == "")
  }
}

@Suite struct ErrorCatalogueTests {
  @Test func everyCodeIsExplained() {
    let text = ErrorCatalogue.text(of: ErrorCatalogue.codes(matching: nil))
    for code in ErrorCode.allCases { #expect(text.contains("  \(code.rawValue)\n      \(code.advice)")) }
  }

  @Test(arguments: [("ocr_image_damaged", 1), ("OCR_POISON", 1), ("not_subscribed", 1), ("nothing", 0)])
  func namesAreFound(name: String, count: Int) { #expect(ErrorCatalogue.codes(matching: name).count == count) }
}

@Suite struct ResultLineTests {
  @Test func aLineIsOneJSONObject() throws {
    let body = try JSONReader.read(Array("{ \"result\" : {\n \"a\": 1.50 } }".utf8))
    #expect(
      ResultLine.success(file: "a\nb.png", api: "general-text", body: body)
        == "{\"file\":\"a\\nb.png\",\"api\":\"general-text\",\"ok\":true,\"result\":{\"result\":{\"a\":1.50}}}")
  }
}
