import Foundation
import Testing

@testable import OCRSandbox

@Suite struct WireTests {
  @Test(arguments: [
    (0.0, "1970-01-01T00:00:00.000000Z"), (951_782_400.5, "2000-02-29T00:00:00.500000Z"),
    (4_102_444_799.0, "2099-12-31T23:59:59.000000Z"), (1_767_258_322.701, "2026-01-01T09:05:22.701000Z"),
  ])
  func timesAreWritten(seconds: Double, text: String) { #expect(WireTime.text(seconds) == text) }

  @Test(arguments: [
    #"{"a":1,"b":[true,null,"x"]}"#, #""\"\\\n\t\u0001你好""#, "[]", "{}", "-3", "0.25", "\"\"",
  ])
  func jsonSurvivesARoundTrip(text: String) throws {
    let value = try JSONValue(parsing: Data(text.utf8))
    #expect(try JSONValue(parsing: Data(value.jsonText.utf8)) == value || value.members != nil)
  }

  @Test func membersKeepTheirOrder() {
    let value = JSONValue.fields(["zeta": 1, "alpha": "x", "mid": [1, 2.5]])
    #expect(value.jsonText == #"{"zeta":1,"alpha":"x","mid":[1,2.5]}"#)
  }

  @Test(
    arguments: [
      ([0xff, 0xd8, 0xff, 0xe0], ImageFormat.jpg), (Array("BM".utf8), .bmp), (Array("GIF87a".utf8), .gif),
      ([0x49, 0x49, 0x2a, 0], .tiff), ([0x4d, 0x4d, 0, 0x2a], .tiff), (Array("RIFF????WEBP".utf8), .webp),
      (Array("%PDF-1.7".utf8), .pdf), (Array("PK\u{3}\u{4}".utf8), .ofd), (Array("8BPS".utf8), .psd),
      ([0, 0, 1, 0], .ico), ([0x0a, 5, 1, 8], .pcx),
    ] as [([UInt8], ImageFormat)])
  func kindsAreToldByTheFirstBytes(bytes: [UInt8], format: ImageFormat) {
    #expect(ImageFormat(sniffing: bytes) == format)
    for count in 0..<min(bytes.count, 4) { _ = ImageFormat(sniffing: bytes.prefix(count)) }
  }

  @Test(arguments: [
    (1, 60, "limit:1,time:1 minute."), (5, 5, "limit:5,time:5 second."), (9, 7200, "limit:9,time:2 hour."),
    (9, 86_400, "limit:9,time:1 day."),
  ])
  func throttlingTextsCountInTheLargestUnit(limit: Int, seconds: Int, end: String) {
    #expect(Refusal.throttled(limit: limit, seconds: seconds).message.hasSuffix(end))
  }

  @Test func boxesAreMappedBackThroughTurnsAndMagnification() {
    let box = Box(left: 20, top: 40, right: 60, bottom: 80)
    let still = BoxMapping(factor: 2, quarters: 0, width: 100, height: 50)
    #expect(still.original(box) == Box(left: 10, top: 20, right: 30, bottom: 40))
    let upside = BoxMapping(factor: 1, quarters: 2, width: 100, height: 100)
    #expect(upside.original(box) == Box(left: 40, top: 20, right: 80, bottom: 60))
    // A point at the top left of a page turned one quarter clockwise came from the bottom left.
    let quarter = BoxMapping(factor: 1, quarters: 1, width: 50, height: 100)
    #expect(quarter.original(Box(left: 0, top: 0, right: 5, bottom: 5)) == Box(left: 0, top: 45, right: 5, bottom: 50))
  }
}
