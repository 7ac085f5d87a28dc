import Foundation
import Testing

@testable import OCRRelay

struct LogLineTests {
  private static let time = "2026-01-02T03:04:05.678Z"

  @Test(
    arguments: [
      ("plain", "plain"), ("two words", "\"two words\""), ("", "\"\""), ("a=b", "\"a=b\""),
      ("say \"hi\"", "\"say \\\"hi\\\"\""),
      ("back\\slash", "\"back\\\\slash\""), ("line\nbreak", "\"line\\u000abreak\""), ("错误", "\"错误\""),
      ("\u{1B}[31m", "\"\\u001b[31m\""), ("\u{202E}abc", "\"\\u202eabc\""), ("\u{85}", "\"\\u0085\""),
      ("\u{61C}x", "\"\\u061cx\""),
    ])
  func valuesInText(_ value: String, _ shown: String) {
    let line = LogLine.text(time: Self.time, level: "info", message: "done", [("key", value)])
    #expect(line == "\(Self.time) info done key=\(shown)\n")
  }

  @Test func jsonHoldsTimeLevelMessageAndFields() throws {
    let line = LogLine.json(time: Self.time, level: "error", message: "it \"broke\"", [("a", "1"), ("b", "x\ty")])
    let object = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
    #expect(object == ["time": Self.time, "level": "error", "message": "it \"broke\"", "a": "1", "b": "x\ty"])
  }

  @Test func longValuesAreCut() throws {
    let long = String(repeating: "x", count: 100_000)
    let line = LogLine.text(time: Self.time, level: "info", message: long, [("key", long)])
    let cut = String(repeating: "x", count: 512) + "…"
    #expect(line == "\(Self.time) info \(cut) key=\(cut)\n")
  }

  /// Texts of control characters, separators, direction marks, quotes and letters: one line each, JSON stays JSON.
  @Test func hostileTextsStayOnTheirLine() throws {
    let seed = TestRandom.seed("LogLine")
    var random = TestRandom(seed: seed)
    for _ in 0..<300 {
      let message = Self.hostile(&random)
      let fields = (0..<Int.random(in: 0...12, using: &random)).map { ("key\($0)", Self.hostile(&random)) }
      let text = LogLine.text(time: Self.time, level: "info", message: message, fields)
      let json = LogLine.json(time: Self.time, level: "info", message: message, fields)
      for line in [text, json] {
        try #require(line.utf8.count <= 4_096, "seed \(seed): larger than what a pipe takes in one piece")
        try #require(line.unicodeScalars.last == "\n", "seed \(seed)")
        try #require(!line.unicodeScalars.dropLast().contains(where: Self.endsLineOrMoves), "seed \(seed): \(line)")
      }
      let object = try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
      try #require(object["level"] == "info" && object["time"] == Self.time, "seed \(seed)")
      for (key, value) in fields {
        guard let shown = object[key] else { continue }
        let isCut = shown.unicodeScalars.last == "…" && value.utf8.count > 512
        try #require(
          isCut ? value.unicodeScalars.starts(with: shown.unicodeScalars.dropLast()) : shown == value, "seed \(seed)")
      }
    }
  }

  private static func endsLineOrMoves(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: scalar.properties.isBidiControl
    }
  }

  private static func hostile(_ random: inout TestRandom) -> String {
    let pieces: [String] = [
      "\n", "\r\n", "\u{0}", "\u{1B}]0;title\u{7}", "\"", "\\", "\\u", "=", " ", "{", "}", "\u{2028}", "\u{2029}",
      "\u{85}",
      "\u{202E}", "\u{2066}", "\u{61C}", "\u{FEFF}", "e\u{301}", "错", "🧾", "text", "\u{7F}", "\u{10FFFF}",
    ]
    let count = Int.random(in: 0...(Bool.random(using: &random) ? 12 : 600), using: &random)
    return (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
  }

  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (1_767_323_045_678, "2026-01-02T03:04:05.678Z"),
      (951_782_400_001, "2000-02-29T00:00:00.001Z"),
    ] as [(Int64, String)])
  func timesAreUTC(_ milliseconds: Int64, _ text: String) {
    #expect(WallClock.text(milliseconds: milliseconds) == text)
  }
}
