import Testing

@testable import Console

struct RequestTests {
  @Test(arguments: [
    ("/", []), ("/letters", ["letters"]), ("/letters/0a1b/picture", ["letters", "0a1b", "picture"]),
    ("/style.css", ["style.css"]),
  ])
  func plainPathsHaveSegments(_ path: String, _ segments: [String]) {
    #expect(ConsoleRequest(method: "GET", path: path).segments == segments)
  }

  @Test(arguments: [
    "", "letters", "//", "/letters/", "/../etc/passwd", "/./x", "/letters/%2e%2e", "/a%2fb", "/a\\b", "/A", "/a b",
    "/a\u{0}", "/é", "/a?b", "/a;b", "/" + String(repeating: "a", count: 300), "/.git",
  ])
  func otherPathsHaveNone(_ path: String) {
    #expect(ConsoleRequest(method: "GET", path: path).segments == nil)
  }

  @Test func formsAreDecoded() throws {
    let form = try #require(FormValues("a=1+2&b=%E5%8F%91%2b&c&d=x&d=y"))
    #expect(form["a"] == "1 2")
    #expect(form["b"] == "发+")
    #expect(form["c"]?.isEmpty == true)
    #expect(form["d"] == nil)
    #expect(form.has("d"))
    #expect(form["e"] == nil)
  }

  @Test(arguments: ["a=%", "a=%2", "a=%zz", "a=%ff", "%c3=1", String(repeating: "a=1&", count: 65)])
  func brokenFormsAreNone(_ text: String) {
    #expect(FormValues(text) == nil)
  }

  @Test func encodedTextComesBack() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let scalars = (0..<20).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x1_FFFF, using: &random)) }
      var text = ""
      text.unicodeScalars.append(contentsOf: scalars)
      let encoded = PercentText.encode(text)
      #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "&") && $0 != UInt8(ascii: "\"") })
      #expect(PercentText.decode(encoded, plusIsBlank: false) == text)
    }
  }
}
