import DeadLetters
import Testing

struct LetterStatisticsTests {
  @Test func countsByEverything() {
    var statistics = LetterStatistics()
    statistics.add(SampleLetter.record(), now: SampleLetter.now)
    statistics.add(
      SampleLetter.record {
        $0.code = "OCR_IMAGE_FORMAT"
        $0.user = nil
        $0.api = nil
        $0.lastFailedAt = SampleLetter.now - 7_200_000
        $0.replayCount = 1
        $0.replyTo = "amq.gen-abc"
        $0.deadline = SampleLetter.now
      }, now: SampleLetter.now)
    statistics.add(SampleLetter.record { $0.lastFailedAt = nil }, now: SampleLetter.now)
    #expect(statistics.total.letters == 3)
    #expect(statistics.total.oldest == SampleLetter.now - 7_200_000)
    #expect(statistics.total.newest == SampleLetter.now - 60_000)
    #expect(statistics.causes.mapValues(\.letters) == ["unsupported_image": 3])
    #expect(statistics.codes.mapValues(\.letters) == ["OCR_IMAGE_DAMAGED": 2, "OCR_IMAGE_FORMAT": 1])
    #expect(statistics.apis.mapValues(\.letters) == ["general-text": 2, "(none)": 1])
    #expect(statistics.users.mapValues(\.letters) == ["scanner": 2, "(none)": 1])
    #expect(statistics.ages == [.tenMinutes: 1, .day: 1, .unknown: 1])
    #expect(statistics.replayed == 1)
    #expect(statistics.repliesToConnections == 1)
    #expect(statistics.late == 1)
  }

  /// Publishers choose these names.
  @Test func namesDoNotGrowWithoutBound() {
    var statistics = LetterStatistics()
    for number in 0..<5_000 {
      statistics.add(SampleLetter.record { $0.api = "api-\(number)" }, now: SampleLetter.now)
    }
    #expect(statistics.apis.count == LetterStatistics.maximumNames + 1)
    #expect(statistics.apis[LetterStatistics.others]?.letters == 5_000 - LetterStatistics.maximumNames)
  }

  @Test(
    arguments: [
      (0, LetterStatistics.Age.tenMinutes), (599, .tenMinutes), (600, .hour), (3_600, .day), (86_400, .week),
      (604_800, .older), (-5, .tenMinutes),
    ] as [(Int64, LetterStatistics.Age)])
  func ages(_ seconds: Int64, _ age: LetterStatistics.Age) {
    var statistics = LetterStatistics()
    statistics.add(
      SampleLetter.record { $0.lastFailedAt = SampleLetter.now - seconds * 1_000 }, now: SampleLetter.now)
    #expect(statistics.ages == [age: 1])
  }

  @Test func jsonIsStable() {
    var statistics = LetterStatistics()
    statistics.add(SampleLetter.record(), now: SampleLetter.now)
    let group = #""letters":1,"bytes":2,"oldest_ms":1799999940000,"newest_ms":1799999940000"#
    #expect(
      statistics.json() == """
        {\(group),"replayed":0,"causes":[{"name":"unsupported_image",\(group)}],"codes":[{"name":"OCR_IMAGE_DAMAGED",\
        \(group)}],"apis":[{"name":"general-text",\(group)}],"users":[{"name":"scanner",\(group)}],"ages":[{"name":\
        "under 10 minutes","letters":1},{"name":"10 minutes to 1 hour","letters":0},{"name":"1 hour to 1 day",\
        "letters":0},{"name":"1 to 7 days","letters":0},{"name":"over 7 days","letters":0},{"name":"unknown",\
        "letters":0}]}
        """)
  }
}
