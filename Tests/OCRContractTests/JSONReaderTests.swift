import Foundation
import Testing

@testable import OCRContract

struct JSONReaderTests {
  private func read(_ text: String, _ policy: JSONReader.TextPolicy = .strict) throws -> JSONValue {
    try JSONReader.read(Array(text.utf8), text: policy)
  }

  @Test(arguments: [
    ("null", JSONValue.null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .number("0")),
    ("-12.5e+3", .number("-12.5e+3")), ("1E9", .number("1E9")), ("\"\"", .string("")), ("[]", .array([])),
    ("{}", .object([])), ("[ 1 , [ ] ]", .array([.number("1"), .array([])])),
    (#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#, .string("a\"\\/\u{8}\u{c}\n\r\té😀")),
    (#"{"a":1,"a":2}"#, .object([.init(name: "a", value: .number("1")), .init(name: "a", value: .number("2"))])),
  ])
  func reads(_ text: String, _ value: JSONValue) throws {
    #expect(try read(text) == value)
    #expect(try read("\r\n\t " + text + " \n") == value)
  }

  @Test func firstOfEqualNamesCounts() throws {
    #expect(try read(#"{"a":1,"a":2}"#)["a"] == .number("1"))
  }

  @Test(arguments: [
    ("", JSONError.Reason.unexpectedEnd), (" ", .unexpectedEnd), ("{", .unexpectedEnd), ("[1,", .unexpectedEnd),
    ("\"abc", .unexpectedEnd), ("tru", .unexpectedEnd), ("nul!", .unexpectedByte), ("-", .unexpectedEnd),
    ("-a", .invalidNumber), ("1.", .unexpectedEnd), ("1.e", .invalidNumber), ("1e", .unexpectedEnd),
    ("1e+x", .invalidNumber), ("01", .trailingBytes), ("+1", .unexpectedByte), (".5", .unexpectedByte),
    ("NaN", .unexpectedByte), ("1 2", .trailingBytes), ("{}x", .trailingBytes), ("{a:1}", .unexpectedByte),
    ("{\"a\" 1}", .unexpectedByte), ("{\"a\":1,}", .unexpectedByte), ("[1,]", .unexpectedByte),
    ("[1 2]", .unexpectedByte), ("{'a':1}", .unexpectedByte), ("\"a\nb\"", .controlCharacter),
    ("\"\\n\u{1}\"", .controlCharacter), (#""\x41""#, .invalidEscape), (#""\u12g4""#, .invalidEscape),
    (#""\u12"#, .unexpectedEnd), (#""\ud800""#, .invalidEscape), (#""\udc00""#, .invalidEscape),
    (#""\ud800\u0041""#, .invalidEscape), ("\u{FEFF}{}", .unexpectedByte),
    (String(repeating: "[", count: 65) + String(repeating: "]", count: 65), .tooDeep),
    (String(repeating: "[", count: 100_000), .tooDeep), (String(repeating: "{\"a\":", count: 100_000), .tooDeep),
  ])
  func refuses(_ text: String, _ reason: JSONError.Reason) {
    let error = #expect(throws: JSONError.self) { try read(text) }
    #expect(error?.reason == reason)
  }

  @Test func depthOf64IsRead() throws {
    _ = try read(String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
  }

  @Test func sizeIsBounded() {
    let error = #expect(throws: JSONError.self) { try JSONReader.read(Array("[1,2]".utf8), limit: 4) }
    #expect(error?.reason == .tooLarge)
  }

  @Test(arguments: [[0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] as [[UInt8]])
  func brokenUTF8(_ bytes: [UInt8]) throws {
    let error = #expect(throws: JSONError.self) { try JSONReader.read(bytes) }
    #expect(error?.reason == .invalidUTF8)
    #expect(try JSONReader.read(bytes, text: .repair).text?.contains("\u{FFFD}") == true)
  }

  @Test func loneSurrogatesAreRepaired() throws {
    #expect(try read(#""a\ud800b\udc00\ud800\u0041\ud83d\ude00""#, .repair) == .string("a\u{FFFD}b\u{FFFD}\u{FFFD}A😀"))
  }

  @Test func readsStorageThatIsNotContiguous() throws {
    #expect(try JSONReader.read(Array("]1[".utf8).reversed()) == .array([.number("1")]))
  }

  /// Foundation refuses numbers that its types cannot hold; the reader keeps them as text.
  private func numbersFit(_ value: JSONValue) -> Bool {
    switch value {
    case .number(let text):
      text.utf8.count < 16 && (Double(text).map { $0.isFinite && ($0.isNormal || $0 == 0) } ?? false)
    case .array(let elements): elements.allSatisfy(numbersFit)
    case .object(let members): members.allSatisfy { numbersFit($0.value) }
    case .null, .bool, .string: true
    }
  }

  /// What the reader accepts, Foundation accepts, and writing it gives a text that reads the same.
  @Test func fuzz() throws {
    let seed = UInt64.random(in: .min ... .max)
    print("JSON fuzz seed \(seed)")
    var random = SeededRandom(seed: seed)
    let corpus = [
      #"{"a":[1,-2.5e10,true,false,null,"x\u00e9\ud83d\ude00\n"],"b":{"c":{}},"é":"无效"}"#,
      #"{"error_code":"AIS.0103","error_msg":"The image size"}"#, "[[[[]]]]", #""\u2028""#, "0.1E-5",
    ].map { Array($0.utf8) }
    var accepted = 0
    for round in 0..<30_000 {
      let bytes = random.mutate(corpus[round % corpus.count], with: corpus)
      _ = try? JSONReader.read(bytes, text: .repair)
      guard let value = try? JSONReader.read(bytes) else { continue }
      accepted += 1
      var writer = JSONWriter()
      writer.value(value)
      #expect(try JSONReader.read(writer.bytes) == value)
      if round % 20 == 0, numbersFit(value) {
        #expect(throws: Never.self) {
          try JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
        }
      }
    }
    #expect(accepted > 3000)
  }
}
