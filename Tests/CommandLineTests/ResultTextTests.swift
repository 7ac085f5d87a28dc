import OCRContract
import Testing

@testable import ocr_relay

private func json(_ text: String) throws -> JSONValue { try JSONReader.read(Array(text.utf8)) }

@Suite struct ResultTextTests {
  @Test func textIsPrintedLineByLineWithConfidences() throws {
    let body = try json(
      """
      {"result":{"direction":-1.0,"markdown":"x","words_block_count":2,"words_block_list":[
        {"words":"Dear Ms Parker,","confidence":0.9812,"location":[[1,2],[3,4],[5,6],[7,8]]},
        {"words":"two\\nlines","confidence":0.61,"location":[[1,2],[3,4],[5,6],[7,8]]}]}}
      """)
    #expect(
      ResultText.lines(of: body) == [
        "Dear Ms Parker,", "two", "lines", "(2 lines, confidence 79 % on average, 61 % at the lowest)",
        "markdown: x",
      ])
  }

  @Test func fieldsAreAlignedAndDoubtIsMarked() throws {
    let body = try json(
      """
      {"result":{"code":"111001881002","number":"05007804","location":"","amount":"￥100.00",
        "confidence":{"code":0.99,"number":0.799,"location":0.0,"amount":1}}}
      """)
    #expect(
      ResultText.lines(of: body) == [
        "code:   111001881002  (99 %)", "number: 05007804  (79 %, doubtful)", "amount: ￥100.00  (100 %)",
        "not found: location",
      ])
  }

  @Test func listsOfObjectsAreNumbered() throws {
    let body = try json(
      """
      {"result":{"title":"A","item_list":[{"name":"paper","tax":"1.00"},{"name":"pen","tax":""}],
        "confidence":{"title":0.9},"text_location":{"title":[[1,2],[3,4]]}}}
      """)
    #expect(
      ResultText.lines(of: body) == [
        "title: A  (90 %)", "item_list:", "  1.", "    name: paper", "    tax:  1.00", "  2.", "    name: pen",
        "not found: tax",
      ])
  }

  @Test(arguments: [
    ("{\"result\":{}}", ["(nothing was recognised)"]),
    ("{\"result\":{\"words_block_list\":[]}}", ["(nothing was recognised)"]),
    ("{\"result\":[{\"type\":\"vat_invoice\",\"confidence\":0.5}]}", ["1.", "  type: vat_invoice  (50 %, doubtful)"]),
    (
      "{\"result\":{\"extracted\":{\"a\":{\"words\":\"x\",\"confidence\":0.9}}}}",
      ["extracted:", "  a:", "    words: x  (90 %)"]
    ),
    (
      "{\"result\":{\"nested\":{\"a\":\"x\"},\"confidence\":{\"nested\":{\"a\":0.95}}}}", ["nested:", "  a: x  (95 %)"]
    ),
    ("{\"result\":{\"location\":\"北京\"}}", ["location: 北京"]),
    ("{\"result\":{\"location\":[1,2,3,4],\"a\":\"b\"}}", ["a: b"]),
    ("{\"result\":{\"direction\":90,\"words_block_list\":[{\"words\":\"a\"}]}}", ["a", "direction: 90"]),
    ("{\"result\":{\"codes\":[\"1\",2]}}", ["codes: 1, 2"]),
    ("{\"result\":{\"a\":\"x\",\"confidence\":{\"a\":17}}}", ["a: x"]),
    ("[]", ["(nothing was recognised)"]), ("{}", ["(nothing was recognised)"]),
  ])
  func otherShapesAreShownToo(body: String, expected: [String]) throws {
    #expect(ResultText.lines(of: try json(body)) == expected)
  }

  @Test func recognisedTextCannotSteerTheTerminal() throws {
    let body = try json("{\"result\":{\"na\\u001bme\":\"a\\u001b[2Jb\\u202ec\\u0007\"}}")
    #expect(ResultText.lines(of: body) == ["na\u{FFFD}me: a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}"])
  }
}

@Suite struct ProblemTextTests {
  @Test func aProblemSaysWhatHappenedAndWhatToDo() {
    let problem = Problem(
      code: .imageTooSmall, detail: "The image is 8 x 8 pixels, at least 15 are needed.", attempts: 1,
      deadLetter: "ocr.dead.unsupported_image")
    #expect(
      ProblemText.lines(of: problem) == [
        "OCR_IMAGE_TOO_SMALL: The image cannot be used", "  The image is 8 x 8 pixels, at least 15 are needed.",
        "  Scan the page again at a higher resolution.",
        "  The request is kept in the queue ocr.dead.unsupported_image.",
      ])
  }

  @Test func whatTheServiceSaidIsShownSafely() {
    let problem = Problem(
      code: .backendFailed, retryAfter: .milliseconds(2500), attempts: 3,
      backend: .init(name: "huawei", code: "ModelArts.4403", message: "b\u{1B}ad", httpStatus: 503, requestID: "r1"))
    #expect(
      ProblemText.lines(of: problem) == [
        "OCR_BACKEND_FAILED: The OCR service failed",
        "  Try again later; if it lasts, give the operator the request id.",
        "  The OCR service huawei said HTTP 503 ModelArts.4403: b\u{FFFD}ad (request id r1)",
        "  Sending it again may help, not before 3 s have passed.",
      ])
  }
}
