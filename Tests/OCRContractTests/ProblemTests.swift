import Foundation
import Testing

@testable import OCRContract

struct ProblemTests {
  private let full = Problem(
    code: .backendRejectedImage, detail: "Too small: 12 × 9 px.", instance: "urn:ocr:request:m-1", retryable: false,
    retryAfter: .milliseconds(1500), attempts: 2,
    backend: Problem.Backend(
      name: "huawei", code: "AIS.0103", message: "The image size", httpStatus: 400, requestID: "abc", billed: .no),
    deadLetter: "ocr.dead.unsupported_image")

  @Test func wireForm() {
    let expected =
      #"{"type":"urn:ocr:error:unsupported_image","title":"The image cannot be used","status":415,"#
      + #""detail":"Too small: 12 × 9 px.","instance":"urn:ocr:request:m-1","code":"OCR_BACKEND_REJECTED_IMAGE","#
      + #""class":"unsupported_image","retryable":false,"retry_after_ms":1500,"attempts":2,"#
      + #""backend":{"name":"huawei","code":"AIS.0103","message":"The image size","http_status":400,"#
      + #""request_id":"abc","billed":false},"dead_letter":"ocr.dead.unsupported_image"}"#
    #expect(String(decoding: full.encoded(), as: UTF8.self) == expected)
  }

  @Test func wireFormWithoutBackend() {
    let problem = Problem(code: .imageMissing, attempts: 0)
    let text = String(decoding: problem.encoded(), as: UTF8.self)
    #expect(text.hasSuffix(#""retryable":false,"retry_after_ms":null,"attempts":0,"backend":null,"dead_letter":null}"#))
    #expect(!text.contains("instance"))
    #expect(problem.detail == ErrorCode.imageMissing.advice)
  }

  @Test(arguments: ErrorCode.allCases, Billed.allCases)
  func roundTrip(_ code: ErrorCode, _ billed: Billed) throws {
    var problem = full
    problem = Problem(
      code: code, retryAfter: code == .throttled ? .seconds(60) : nil, attempts: 1,
      backend: .init(name: "huawei", billed: billed))
    let copy = try Problem(decoding: problem.encoded())
    #expect(copy == problem)
    #expect(copy.knownCode == code)
    #expect(copy.knownClass == code.errorClass)
  }

  @Test(arguments: ["\u{0}\u{1F}\u{7F}\u{85}\u{2028}\u{2029}\"\\/é😀", "\r\n\t", "𝄞 错 ا"])
  func escaping(_ text: String) throws {
    let problem = Problem(code: .poison, detail: text, attempts: 1)
    let bytes = problem.encoded()
    #expect(!bytes.contains { $0 < 0x20 || $0 == 0x7F })
    #expect(
      !String(decoding: bytes, as: UTF8.self).unicodeScalars.contains {
        ["\u{2028}", "\u{2029}", "\u{85}"].contains($0)
      })
    #expect(try Problem(decoding: bytes).detail == text)
    let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
    #expect(object?["detail"] as? String == text)
  }

  @Test func bytesThatAreNotUTF8AreReplaced() {
    var writer = JSONWriter()
    writer.string(utf8: [0x61, 0xFF, 0x62, 0xC3])
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "\"a\u{FFFD}b\u{FFFD}\"")
  }

  @Test func newerVersionsAreRead() throws {
    let text =
      #"{"future":[1],"type":"t","title":"t","status":1,"detail":"d","code":"OCR_NEW","class":"new","#
      + #""retryable":true,"attempts":3,"backend":{"name":"x","billed":null,"more":{}}}"#
    let problem = try Problem(decoding: Array(text.utf8))
    #expect(problem.code == "OCR_NEW")
    #expect(problem.knownCode == nil)
    #expect(problem.backend?.billed == .unknown)
    #expect(problem.retryAfter == nil)
  }

  @Test(arguments: ["", "[]", "null", "{}", #"{"type":1}"#, "{\"type\":\"t\"", "\u{FEFF}{}"])
  func othersAreRefused(_ text: String) {
    #expect(throws: Problem.DecodingError.self) { try Problem(decoding: Array(text.utf8)) }
  }

  @Test(arguments: ["type", "title", "status", "detail", "code", "class", "retryable", "attempts"])
  func everyRequiredMemberIsRequired(_ name: String) throws {
    let text = String(decoding: full.encoded(), as: UTF8.self)
    for broken in [
      text.replacing("\"\(name)\":", with: "\"other\":"), text.replacing("\"\(name)\":", with: "\"\(name)\":{},\"o\":"),
    ] {
      let error = #expect(throws: Problem.DecodingError.self) { try Problem(decoding: Array(broken.utf8)) }
      #expect(error?.description.contains(name) == true)
    }
  }

  @Test(arguments: [
    (Duration.zero, 0), (.milliseconds(1), 1), (.microseconds(1), 1), (.nanoseconds(1_000_001), 2), (.seconds(2), 2000),
    (.seconds(Int64.max), Int.max), (.seconds(Int64.min), Int.min),
  ])
  func millisecondsRoundUp(_ duration: Duration, _ expected: Int) {
    #expect(duration.wholeMilliseconds == expected)
  }
}
