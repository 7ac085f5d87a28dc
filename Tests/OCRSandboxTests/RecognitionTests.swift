import Foundation
import TestSupport
import Testing

@testable import OCRSandbox

/// Draws the sample documents and compares what the sandbox reads with what was written.
@Suite(.serialized) struct RecognitionTests {
  private func makeSamples() async throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    // Debian's interpreter, because python3-pil belongs to it; the script names a missing package itself.
    try await ChildProcess.run("/usr/bin/python3", [Repository.path("Tests/Samples/make-samples.py"), folder.path])
    return folder
  }

  @Test func theSamplesAreReadAsTheyWereWritten() async throws {
    let folder = try await makeSamples()
    let truth = try JSONValue(parsing: Data(contentsOf: folder.url.appending(path: "truth.json")))
    let samples = try #require(truth["samples"]?.elements)
    try await withSandbox {
      $0.isInstant = false
      $0.engines = 2
    } _: { client, _ in
      let token = try await client.token()
      var apis: Set<String> = []
      for sample in samples {
        let file = try #require(sample["file"]?.text)
        let api = try #require(sample["api"]?.text)
        let data = try Data(contentsOf: folder.url.appending(path: file))
        let reply = try await client.ocr(api, #"{"image":"\#(data.base64EncodedString())"}"#, token: token)
        guard sample["expect"] == "ok" else {
          #expect(reply.code == sample["expect"]?.text, "\(file) \(api)")
          continue
        }
        #expect(reply.status == 200, "\(file) \(api)")
        let result = try #require(reply.json["result"])
        let rate = sample["fields"].map { fieldRate($0, result) } ?? lineRate(sample["lines"] ?? .null, result)
        print("character error rate \(percent(rate))  \(api)  \(file)")
        #expect(rate <= (sample["clean"] == true ? 0.05 : 0.15), "\(file) \(api)")
        #expect(confidences(result).allSatisfy { (0...1).contains($0) })
        #expect(confidences(result).contains { $0 > 0 } || api == "id-card")
        apis.insert(api)
      }
      #expect(apis.count == 8)
    }
  }

  @Test func fieldsThatMustNotBeWrongAreExact() async throws {
    let folder = try await makeSamples()
    let truth = try JSONValue(parsing: Data(contentsOf: folder.url.appending(path: "truth.json")))
    let pool = try RecogniserPool(engines: 1)
    let catalogue = try APICatalogue()
    for (name, keys) in [
      ("quota-invoice", ["code", "number", "amount"]), ("id-card", ["number", "birth"]), ("bankcard", ["card_number"]),
    ] {
      let api = try #require(catalogue[name])
      let sample = truth["samples"]?.elements?.first { $0["api"] == .string(name) && $0["expect"] == "ok" }
      let file = try Data(contentsOf: folder.url.appending(path: sample?["file"]?.text ?? ""))
      let page = try await pool.read(file, findDirection: false)
      let fields = try FieldExtraction.fields(of: api, options: RequestOptions(.object([]), for: api), page: page)
      for key in keys { #expect(fields[key]?.value == sample?["fields"]?[key], "\(name) \(key)") }
    }
  }

  @Test func aTurnedPageIsFoundOutAndItsPlacesAreThoseOfThePicture() async throws {
    let folder = try await makeSamples()
    let upright = try Data(contentsOf: folder.url.appending(path: "letter.png"))
    let turned = folder.path("turned.png")
    try await ChildProcess.run(
      "/usr/bin/python3",
      [
        "-c", "import sys; from PIL import Image; Image.open(sys.argv[1]).rotate(180).save(sys.argv[2])",
        folder.path("letter.png"), turned,
      ])
    let pool = try RecogniserPool(engines: 1)
    let straight = try await pool.read(upright, findDirection: true)
    let page = try await pool.read(Data(contentsOf: URL(filePath: turned)), findDirection: true)
    #expect(straight.direction == 0)
    #expect(page.direction == 180)
    #expect(page.lines.first?.text == straight.lines.first?.text)
    let first = try #require(page.lines.first).box
    #expect(first.top > page.height / 2)
    #expect(first.left > page.width / 2)
  }

  private func fieldRate(_ truth: JSONValue, _ result: JSONValue) -> Double {
    var (errors, length) = (0, 0)
    func compare(_ expected: JSONValue, _ found: JSONValue?) {
      switch expected {
      case .string(let text):
        let (wanted, got) = (folded(text), folded(found?.text ?? ""))
        errors += distance(wanted, got)
        length += wanted.count
      case .array(let elements):
        for (index, element) in elements.enumerated() {
          let list = found?.elements ?? []
          compare(element, index < list.count ? list[index] : nil)
        }
      case .object(let members): for member in members { compare(member.value, found?[member.name]) }
      default: break
      }
    }
    compare(truth, result)
    return Double(errors) / Double(max(1, length))
  }

  private func lineRate(_ truth: JSONValue, _ result: JSONValue) -> Double {
    let wanted = folded((truth.elements ?? []).compactMap(\.text).joined())
    let got = folded((result["words_block_list"]?.elements ?? []).compactMap { $0["words"]?.text }.joined())
    return Double(distance(wanted, got)) / Double(max(1, wanted.count))
  }

  /// All confidences of a result, wherever they stand.
  private func confidences(_ value: JSONValue) -> [Double] {
    var found: [Double] = []
    for member in value.members ?? [] {
      if member.name == "confidence" {
        found += member.value.double.map { [$0] } ?? (member.value.members ?? []).compactMap(\.value.double)
      } else {
        found += confidences(member.value)
      }
    }
    for element in value.elements ?? [] { found += confidences(element) }
    return found
  }

  /// Compatibility forms and white space do not count as errors.
  private func folded(_ text: String) -> [Character] {
    text.precomposedStringWithCompatibilityMapping.filter { !$0.isWhitespace }
  }

  /// Edit distance.
  private func distance(_ one: [Character], _ other: [Character]) -> Int {
    var row = Array(0...other.count)
    for (i, a) in one.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in other.enumerated() {
        let cost = min(row[j] + 1, row[j + 1] + 1, diagonal + (a == b ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = cost
      }
    }
    return row[other.count]
  }

  private func percent(_ rate: Double) -> String { "\((rate * 10_000).rounded() / 100) %" }
}
