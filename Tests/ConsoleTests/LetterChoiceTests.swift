import DeadLetters
import Testing

@testable import Console

struct LetterChoiceTests {
  @Test func choicesComeBackFromTheirAddress() throws {
    let query =
      "place=parked&code=OCR_POISON&cause=poison&api=a%20b&user=%E6%A2%85&letter=" + String(repeating: "a", count: 32)
    let choice = try #require(FormValues(query).flatMap(LetterChoice.init))
    #expect(choice.user == "梅")
    #expect(FormValues(choice.query).flatMap(LetterChoice.init) == choice)
    #expect(choice.filter.codes == ["OCR_POISON"])
    #expect(choice.filter.ids == ["#" + String(repeating: "a", count: 32)])
    #expect(!choice.isEverything)
  }

  @Test func nothingMeansEverything() throws {
    let choice = try #require(LetterChoice(FormValues()))
    #expect(choice.isEverything)
    #expect(choice.filter.isEmpty)
  }

  @Test(arguments: [
    "place=x", "place=dead&place=dead", "code=OCR_NOTHING", "cause=unroutable", "letter=xyz", "letter=%23aaaaaaaa",
    "code=OCR_POISON&code=OCR_POISON", "user=" + String(repeating: "u", count: 256),
  ])
  func otherTextsAreNoChoice(_ query: String) throws {
    #expect(LetterChoice(try #require(FormValues(query))) == nil)
  }

  @Test func jobsHaveNamesThatAreFiles() {
    let id = JobID.make(now: 1_767_323_045_000)
    #expect(id.hasPrefix("20260102-030405-"))
    #expect(JobID.isValid(id))
    for text in [
      "", "20260102-030405", id + "x", id.dropLast() + "/", "20260102-030405-0000000g", "../../../../etc/x-y-z",
    ] {
      #expect(!JobID.isValid(text))
    }
  }

  @Test func auditLinesComeBack() throws {
    let entry = AuditEntry(
      at: 7, who: "Mei \"x\"\n", role: "operate", address: "::1", action: "purge", what: "code X", letters: 3,
      outcome: "wanted")
    #expect(!entry.line.contains(UInt8(ascii: "\n")))
    #expect(AuditEntry(line: entry.line) == entry)
    #expect(AuditEntry(line: Array("nonsense".utf8)) == nil)
  }
}
