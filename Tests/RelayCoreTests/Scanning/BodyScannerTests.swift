import Foundation
import RelayCore
import Testing

struct BodyScannerTests {
  private func scan(_ text: String) -> Result<ScannedMembers, ScanFailure> { Self.scan(Array(text.utf8)) }

  private static func scan(_ bytes: [UInt8]) -> Result<ScannedMembers, ScanFailure> {
    bytes.withUnsafeBytes { bytes in
      Result { () throws(ScanFailure) in try BodyScanner.scan(bytes) }
    }
  }

  @Test func findsMembersWithKindsAndRanges() throws {
    let text = #" { "image" : "AB\/C" ,"n":-1,"f":1.5e3,"t":true,"z":null,"o":{"a":[1,{}]},"l":[ ],"s":"" } "#
    let members = try scan(text).get()
    let bytes = Array(text.utf8)
    let seen = (0..<members.count).map { number in
      let member = members[number]
      return [member.name, member.value].map { String(decoding: bytes[$0], as: UTF8.self) } + ["\(member.kind)"]
    }
    #expect(
      seen == [
        ["image", #"AB\/C"#, "string"], ["n", "-1", "integer"], ["f", "1.5e3", "number"], ["t", "true", "boolean"],
        ["z", "null", "null"], ["o", #"{"a":[1,{}]}"#, "object"], ["l", "[ ]", "array"], ["s", "", "string"],
      ])
    #expect(members[0].escapes == .present)
    #expect(members[7].escapes == .none)
    #expect(bytes[members.bodyStart - 1] == UInt8(ascii: "{"))
    #expect(bytes[members.bodyEnd - 1] == UInt8(ascii: "}"))
  }

  @Test(arguments: [
    "{}", "{ }", "\n{\"a\":0}\r\n", #"{"a":-0}"#, #"{"a":1E+2}"#, #"{"":1}"#, #"{"ключ":"значение"}"#,
    #"{"a":"\"\\\/\b\f\n\r\t\u00e9"}"#, #"{"a":[[],[[]],{"b":{}}]}"#,
  ])
  func accepts(_ text: String) {
    #expect(throws: Never.self) { try scan(text).get() }
  }

  @Test(
    arguments: [
      ("", .empty, 0), ("  ", .empty, 2), ("\u{FEFF}{}", .byteOrderMark, 0), ("[]", .notAnObject, 0),
      ("\"a\"", .notAnObject, 0), ("{", .truncated, 1), (#"{"a"#, .truncated, 3), (#"{"a""#, .truncated, 4),
      (#"{"a":"#, .truncated, 5), (#"{"a":"b"#, .truncated, 7), (#"{"a":"b\"#, .truncated, 8),
      (#"{"a":tru"#, .truncated, 8), (#"{"a":1"#, .truncated, 6), (#"{"a":[1"#, .truncated, 7),
      (#"{"a":1,"#, .truncated, 7), (#"{"a":1}}"#, .trailingBytes, 7), (#"{"a":1} x"#, .trailingBytes, 8),
      ("{}\u{0}", .trailingBytes, 2), (#"{"a":1,}"#, .unexpectedByte, 7), (#"{"a":[1,]}"#, .unexpectedByte, 8),
      (#"{"a":{"b":1,}}"#, .unexpectedByte, 12), (#"{a:1}"#, .unexpectedByte, 1), (#"{'a':1}"#, .unexpectedByte, 1),
      (#"{"a" 1}"#, .unexpectedByte, 5), (#"{"a":1 "b":2}"#, .unexpectedByte, 7), (#"{"a":}"#, .unexpectedByte, 5),
      (#"{"a":[1}}"#, .unexpectedByte, 7), (#"{"a":{"b":1]}"#, .unexpectedByte, 11),
      (#"{"a":NaN}"#, .notANumber, 5), (#"{"a":Infinity}"#, .notANumber, 5), (#"{"a":-Infinity}"#, .notANumber, 6),
      (#"{"a":nul}"#, .badLiteral, 8), (#"{"a":True}"#, .badLiteral, 5), (#"{"a":undefined}"#, .badLiteral, 5),
      (#"{"a":01}"#, .unexpectedByte, 6), (#"{"a":1.}"#, .badNumber, 7), (#"{"a":-}"#, .badNumber, 6),
      (#"{"a":1e}"#, .badNumber, 7), (#"{"a":+1}"#, .unexpectedByte, 5), (#"{"a":.5}"#, .unexpectedByte, 5),
      (#"{"a":"\x"}"#, .badEscape, 7), (#"{"a":"\u12g4"}"#, .badEscape, 10), ("{\"a\":\"\n\"}", .controlCharacter, 6),
      ("{\"a\":\"bcdefghijk\t\"}", .controlCharacter, 16), (#"{"\u0075rl":1}"#, .escapedName, 1),
      (#"{"a":1,"a":2}"#, .duplicateName, 7), (#"{"a":1,"b":2,"a":1}"#, .duplicateName, 13),
    ] as [(String, ScanFailure.Reason, Int)])
  func rejects(_ text: String, _ reason: ScanFailure.Reason, _ offset: Int) {
    #expect(throws: ScanFailure(reason: reason, offset: offset)) { try scan(text).get() }
  }

  @Test func limitsDepth() {
    func nested(_ depth: Int, _ open: String, _ close: String) -> String {
      "{\"a\":" + String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth) + "}"
    }
    for (open, close) in [("[", "]"), ("{\"b\":", "}")] {
      #expect(throws: Never.self) { try scan(nested(63, open, close)).get() }
      for depth in [64, 65, 100_000] {
        guard case .failure(let failure) = scan(nested(depth, open, close)) else {
          Issue.record("depth \(depth) passed")
          continue
        }
        #expect(failure.reason == .tooDeep)
      }
    }
  }

  @Test func limitsTheNumberOfMembers() {
    func object(_ count: Int) -> String { "{" + (0..<count).map { "\"m\($0)\":0" }.joined(separator: ",") + "}" }
    #expect(throws: Never.self) { try scan(object(ScannedMembers.capacity)).get() }
    guard case .failure(let failure) = scan(object(ScannedMembers.capacity + 1)) else {
      Issue.record("too many members passed")
      return
    }
    #expect(failure.reason == .tooManyMembers)
  }

  /// A long string is only searched for its end: every way in which backslashes can stand before a quote there.
  @Test(arguments: 0..<7)
  func findsTheEndOfLongStrings(_ slashes: Int) throws {
    let long = String(repeating: "A", count: 6000)
    let tail = String(repeating: "\\", count: slashes)
    let value = long + (slashes.isMultiple(of: 2) ? tail : tail + "\"x")
    let text = "{\"image\":\"\(value)\",\"after\":1}"
    let members = try scan(text).get()
    #expect(members.count == 2)
    #expect(members[0].value == 10..<10 + value.utf8.count)
    #expect(members[0].escapes == .unknown)
    for cut in [text.utf8.count - 1, 7000, 6010, 4106, 4105] where cut < text.utf8.count {
      guard case .failure(let failure) = Self.scan(Array(text.utf8.prefix(cut))) else {
        Issue.record("cut at \(cut) passed")
        continue
      }
      #expect(failure.reason == .truncated)
    }
  }

  /// Every byte at every place of a text that is looked at in blocks.
  @Test func seesEveryByteOfAString() {
    let start = 6
    for length in [0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 49] {
      let plain = Array(#"{"a":""#.utf8) + [UInt8](repeating: 0x41, count: length) + Array(#""}"#.utf8)
      #expect(throws: Never.self) { try Self.scan(plain).get() }
      for place in 0..<length {
        for byte in UInt8.min ... .max {
          var bytes = plain
          bytes[start + place] = byte
          let expected: ScanFailure? =
            switch byte {
            case 0..<0x20: ScanFailure(reason: .controlCharacter, offset: start + place)
            case 0x22: ScanFailure(reason: .unexpectedByte, offset: start + place + 1)
            case 0x5C:
              place == length - 1
                ? ScanFailure(reason: .truncated, offset: bytes.count)
                : ScanFailure(reason: .badEscape, offset: start + place + 1)
            default: nil
            }
          let found: ScanFailure? =
            switch Self.scan(bytes) {
            case .success: nil
            case .failure(let failure): failure
            }
          if found != expected { Issue.record("byte \(byte) at \(place) of \(length): \(String(describing: found))") }
        }
      }
    }
  }

  /// Foundation's parser is the judge: what it takes for an object passes here, and nothing else does. It forgives
  /// one thing that RFC 8259 does not, a comma behind the last element, and it refuses one that RFC 8259 allows, a number
  /// beyond those of a double.
  @Test func agreesWithFoundationOnMutatedObjects() throws {
    let seed = CheckRandom.seed("BodyScanner")
    var random = CheckRandom(seed: seed)
    let seeds = [
      #"{"image":"AAAA","side":"front","return_text_location":true,"page_num":12}"#,
      #"{"url":"https:\/\/a.example\/b?c=%20","o":{"a":[1,-2.5e-3,{"b":null}],"c":"\u00e9\n"},"l":[[],{}]}"#,
      "{ \"data\" : \"QUJD\" ,\t\"kv\" : false , \"x\" : [ \"a\" , \"b\" ] }\n",
    ].map { Array($0.utf8) }
    let alphabet = Array(#"{}[]",:\/ 0123456789eE+-.truefalsnuxb"#.utf8) + [0x0A, 0x09, 0x00, 0x1F]
    let lenient: Set<ScanFailure.Reason> = [.escapedName, .duplicateName, .tooDeep, .tooManyMembers]
    var accepted = 0
    for _ in 0..<40_000 {
      var bytes = seeds.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let byte = alphabet.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = byte
        case 1: bytes.insert(byte, at: place)
        case 2 where bytes.count > 1: bytes.remove(at: place)
        default: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
        }
      }
      let isObject = (try? JSONSerialization.jsonObject(with: Data(bytes))) is [String: Any]
      switch Self.scan(bytes) {
      case .success:
        accepted += 1
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(isObject || text.contains(/[eE]\+?\d{3}/), "seed \(seed): \(text)")
      case .failure(let failure):
        let text = String(decoding: bytes, as: UTF8.self)
        if !lenient.contains(failure.reason), text.firstMatch(of: /,\s*[\]}]/) == nil {
          #expect(!isObject, "seed \(seed), \(failure.reason): \(text)")
        }
      }
    }
    #expect(accepted > 1000)
  }

  @Test func survivesAnyBytesAndEveryPrefix() {
    let seed = CheckRandom.seed("BodyScanner bytes")
    var random = CheckRandom(seed: seed)
    let text = Array(#"{"image":"A\/B","o":{"a":[1,-2.5e-3,{"b":null}],"c":"\u00e9"},"t":true}"#.utf8)
    for count in 0..<text.count {
      #expect(throws: ScanFailure.self) { try Self.scan(Array(text.prefix(count))).get() }
    }
    for _ in 0..<20_000 {
      var bytes = text
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      }
      if case .success(let members) = Self.scan(bytes) {
        for number in 0..<members.count { #expect(members[number].value.upperBound < bytes.count) }
      }
    }
  }
}
