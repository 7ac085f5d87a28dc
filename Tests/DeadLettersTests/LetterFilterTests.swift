import DeadLetters
import OCRContract
import Testing

struct LetterFilterTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var accepts: Bool
    var change: @Sendable (inout LetterFilter) -> Void
  }

  static let cases: [Case] = [
    Case(testDescription: "nothing said", accepts: true) { _ in },
    Case(testDescription: "its cause", accepts: true) { $0.causes = ["poison", "unsupported_image"] },
    Case(testDescription: "another cause", accepts: false) { $0.causes = ["poison"] },
    Case(testDescription: "its code", accepts: true) { $0.codes = ["OCR_IMAGE_DAMAGED"] },
    Case(testDescription: "another code", accepts: false) { $0.codes = ["OCR_IMAGE_FORMAT"] },
    Case(testDescription: "its API", accepts: true) { $0.apis = ["general-text"] },
    Case(testDescription: "another API", accepts: false) { $0.apis = ["id-card"] },
    Case(testDescription: "its publisher", accepts: true) { $0.users = ["scanner"] },
    Case(testDescription: "unknown publishers", accepts: false) { $0.users = [""] },
    Case(testDescription: "its id", accepts: true) { $0.ids = ["other", "m-1"] },
    Case(testDescription: "another id", accepts: false) { $0.ids = ["m-2"] },
    Case(testDescription: "older than its age", accepts: true) { $0.olderThan = .seconds(60) },
    Case(testDescription: "older than it is", accepts: false) { $0.olderThan = .seconds(61) },
    Case(testDescription: "newer than its age", accepts: true) { $0.newerThan = .seconds(60) },
    Case(testDescription: "newer than it is", accepts: false) { $0.newerThan = .seconds(59) },
    Case(testDescription: "both kinds must fit", accepts: false) {
      $0.causes = ["unsupported_image"]
      $0.apis = ["id-card"]
    },
  ]

  @Test(arguments: cases) func accepts(_ example: Case) {
    var filter = LetterFilter()
    example.change(&filter)
    #expect(filter.accepts(SampleLetter.record(), now: SampleLetter.now) == example.accepts)
  }

  @Test func fingerprintsByTheirBeginning() throws {
    let letter = SampleLetter.record()
    let text = try #require(letter.fingerprint?.text)
    var filter = LetterFilter()
    filter.ids = ["#" + text.prefix(8)]
    #expect(filter.accepts(letter, now: SampleLetter.now))
    filter.ids = ["#" + (text.hasPrefix("0") ? "1" : "0") + text.dropFirst().prefix(8)]
    #expect(!filter.accepts(letter, now: SampleLetter.now))
  }

  @Test func lettersWithoutATimeAreOfNoAge() {
    let letter = SampleLetter.record { $0.lastFailedAt = nil }
    var filter = LetterFilter()
    filter.olderThan = .zero
    #expect(!filter.accepts(letter, now: SampleLetter.now))
    filter = LetterFilter()
    filter.newerThan = .seconds(1 << 40)
    #expect(!filter.accepts(letter, now: SampleLetter.now))
  }

  @Test func looksOnlyIntoQueuesThatCanHoldAMatch() {
    var filter = LetterFilter()
    #expect(filter.queues == QueueName.dead)
    filter.causes = ["malformed", "poison"]
    #expect(filter.queues == ["ocr.dead.poison", "ocr.dead.malformed"])
    filter = LetterFilter()
    filter.codes = ["OCR_IMAGE_DAMAGED"]
    #expect(filter.queues == ["ocr.dead.unsupported_image", "ocr.dead.poison"])
  }

  @Test func textIsTheSameForTheSameFilter() {
    var filter = LetterFilter()
    #expect(filter.text == "" && filter.isEmpty)
    filter.causes = ["b", "a"]
    filter.olderThan = .seconds(120)
    var same = filter
    same.causes = ["a", "b"]
    #expect(filter.text == "--cause a --cause b --older-than 120s")
    #expect(same.text == filter.text)
  }
}
