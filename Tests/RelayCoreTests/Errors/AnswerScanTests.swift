import Foundation
import RelayCore
import Testing

struct AnswerScanTests {
  private func scan(_ text: String) -> AnswerScan { AnswerScan(Array(text.utf8).span.bytes) }

  @Test(arguments: [
    (#"{"result":1}"#, true, true, false), (#"{"a":{"result":1}}"#, true, false, false),
    (#"{"result":{"error_code":"x"}}"#, true, true, true), (#"{"result":[{"error_code":"x"}]}"#, true, true, false),
    (#"{"result":{"a":{"error_code":"x"}}}"#, true, true, false),
    (#"{"other":{"error_code":"x"}}"#, true, false, false),
    (#"{"error_code":"x"}"#, true, false, true), (#"{"error_msg":null,"result":{}}"#, true, true, true),
    (#"{"error":{},"result":{}}"#, true, true, true), (#"{"a":"result"}"#, true, false, false),
    (#"{"a":"\"result\":"}"#, true, false, false), (#"{"result":"error_code"}"#, true, true, false),
    (#"{"result":{}} x"#, false, true, false), (#"{"result":{}"#, false, true, false),
    (#"{"result":]"#, false, true, false),
    (#"{"result":{]}"#, false, true, false), (#"{"result":"abc"#, false, true, false), ("", false, false, false),
    ("[]", false, false, false), ("12", false, false, false), ("{result:1}", false, false, false),
    ("{{}}", false, false, false), ("\u{FEFF}{}", false, false, false), ("{}{}", false, false, false),
    (#"{"result":"a\\"}"#, true, true, false), (#"{"result":"a\"}"#, false, true, false),
    (#""a"{"result":1}"#, false, false, false), (#",{"result":1}"#, false, false, false),
    (#"{"result":1,"results":{"error":1},"errors":2}"#, true, true, false),
    ("\n { \t\"result\" : 1 , \"error\" : 2 }\r\n ", true, true, true), (#"{"a":1,|"result":1}"#, false, false, false),
    (#"{"a":1,\"result":1}"#, false, false, false), (#"{"a":1\|,"result":1}"#, true, true, false),
  ])
  func shapes(_ text: String, _ isObject: Bool, _ hasResult: Bool, _ hasError: Bool) {
    let scan = scan(text)
    #expect(scan.isObject == isObject)
    #expect(scan.hasResult == hasResult)
    #expect(scan.hasError == hasError)
    #expect(scan.isResult == (isObject && hasResult && !hasError))
  }

  @Test func depthIsBounded() {
    let deep = { (count: Int) in
      #"{"result":"# + String(repeating: "[", count: count) + String(repeating: "]", count: count) + "}"
    }
    #expect(scan(deep(63)).isResult)
    #expect(!scan(deep(64)).isResult)
    #expect(!scan(deep(100_000)).isResult)
  }

  @Test func everyCutIsNoticed() {
    let body = Array(#"{"result":{"text":["a \" b",1,{"x":null}]},"confidence":{}}"#.utf8)
    #expect(AnswerScan(body.span.bytes).isResult)
    for end in 0..<body.count { #expect(!AnswerScan(Array(body[..<end]).span.bytes).isResult) }
  }

  /// Against Foundation: whatever that takes for an object with a result and no errors, the scan does as well.
  @Test func agreesWithAFullReader() throws {
    let seed = UInt64.random(in: .min ... .max)
    print("answer scan fuzz seed \(seed)")
    var random = Random(state: seed)
    let words = ["{", "}", "[", "]", ",", ":", "\"result\"", "\"error_code\"", "\"x\"", "1", "null", " ", "\"a\\\"b\""]
    var objects = 0
    for round in 0..<20_000 {
      let inner = (0..<Int.random(in: 0...6, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
      let text = round % 2 == 0 ? "{\"result\":1" + inner.joined() + "}" : "{" + inner.joined() + "}"
      let result = scan(text)
      guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else { continue }
      objects += 1
      let nested = (object["result"] as? [String: Any])?["error_code"] != nil
      #expect(result.isObject, "\(text)")
      #expect(result.hasResult == (object["result"] != nil), "\(text)")
      if Set(object.keys).count == text.components(separatedBy: "\":").count - 1 {
        #expect(result.hasError == (object["error_code"] != nil || nested), "\(text)")
      }
    }
    #expect(objects > 500)
  }

  /// Against a reader that takes one byte at a time: the same findings wherever in a block of bytes things stand.
  @Test func agreesWithAPlainReader() {
    var random = CheckRandom(seed: CheckRandom.seed("AnswerScan"))
    let words = [
      "{", "}", "[", "]", ",", ":", "|", " ", "\n", "1", "true", "12.5", #""result""#, #""error_code""#,
      #""error_msg""#,
      #""error""#, #""words""#, "\"\"", #""\\""#, #""a\"b""#, #""{[,|]}""#, #""a much longer text than one block""#,
      "\"",
      "\\", "\u{0}", "é", #""result":{"#, #""location":[[10,14],[398,14]],"#, #"{"result":"#, "}}", "]]", #","error":"#,
    ]
    var (objects, results, errors) = (0, 0, 0)
    for round in 0..<60_000 {
      let count = Int.random(in: 0...24, using: &random)
      let inner = (0..<count).map { _ in words.randomElement(using: &random) ?? "" }.joined()
      let start = String(repeating: " ", count: Int.random(in: 0...17, using: &random))
      let text = start + (round % 3 == 0 ? inner : "{" + inner + String(repeating: "}", count: round % 4))
      let (found, expected) = (scan(text), PlainAnswerReader(Array(text.utf8)))
      #expect(found.isObject == expected.isObject, "\(text)")
      #expect(found.hasResult == expected.hasResult, "\(text)")
      #expect(found.hasError == expected.hasError, "\(text)")
      if expected.isObject { objects += 1 }
      if expected.hasResult { results += 1 }
      if expected.hasError { errors += 1 }
    }
    #expect(objects > 1000 && results > 1000 && errors > 1000, "\(objects) \(results) \(errors)")
  }

  private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 32) << 32 | (state >> 29) & 0xFFFF_FFFF
    }
  }
}
