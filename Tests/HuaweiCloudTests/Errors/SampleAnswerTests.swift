import OCRContract
import RelayCore
import Testing

@testable import HuaweiCloud

/// The answers that are known word for word.
struct SampleAnswerTests {
  @Test(arguments: SampleAnswer.all)
  func judgedAsDocumented(_ sample: SampleAnswer) throws {
    let head = AnswerHead(
      status: sample.status, retryAfter: sample.headers["Retry-After"], requestID: sample.headers["X-Request-Id"])
    let body = Array(sample.body.utf8)
    let verdict = FailureJudge().judge(head, body: body.span.bytes)

    #expect((verdict.envelope?.domain ?? .http).rawValue == sample.domain)
    #expect(verdict.envelope?.code == sample.code)
    #expect(verdict.envelope?.message == sample.message)
    #expect(verdict.entry.domain.rawValue == sample.entry.domain)
    #expect(verdict.entry.code == sample.entry.code)
    #expect(verdict.entry.statuses == sample.entry.statuses)
    #expect(verdict.entry.phrases.first == sample.entry.phrase)
    #expect(verdict.entry.deadLetter == sample.deadLetter)

    let failure = verdict.failure
    #expect(failure.backend.requestID == sample.requestID)
    #expect(failure.retry.rawValue == sample.retry)
    #expect(failure.scope.rawValue == sample.scope)
    #expect(failure.errorClass.rawValue == sample.errorClass)
    #expect(failure.backend.billed == .no)
    #expect(failure.backend.httpStatus == sample.status)
    let wait = sample.minimumWaitSeconds ?? sample.headers["Retry-After"].flatMap { Int($0) }
    #expect(failure.minimumWait == wait.map { .seconds($0) })
    #expect(HuaweiClassifier().classify(head, body: body) == .failure(failure))
  }

  @Test func everySampleIsThere() {
    #expect(SampleAnswer.all.count == 43)
  }

  @Test(
    arguments: [
      ("policy user over ratelimit,limit:100,time:1 minute.", 100, 60, "user"),
      ("policy ip over ratelimit,limit:5,time:5 second", 5, 5, "ip"),
      ("policy api over ratelimit, limit:2000,time:2 hours", 2000, 7200, "api"),
      ("policy app-x over ratelimit,limit:7,time:1 day", 7, 86_400, "app-x"),
      ("Threshold: 10 times per 60 seconds", 10, 60, nil),
      ("您已达到总请求数限制：1分钟内最多请求60次，包括失败次数", 60, 60, nil),
    ] as [(String, Int, Int, String?)])
  func limitsAreReadFromTheText(_ text: String, limit: Int, seconds: Int, policy: String?) {
    let notice = ThrottleText.notice("The threshold: " + text, kind: .rate, retryAfter: .seconds(3))
    #expect(
      notice
        == ThrottleNotice(
          kind: .rate, limit: limit, window: .seconds(seconds), policy: policy, retryAfter: .seconds(3)))
  }

  @Test(arguments: [
    "", "slow down", "policy user over ratelimit,limit:XX,time:1 minute",
    "policy user over ratelimit,limit:99999999999999999999,time:1 minute",
    "policy user over ratelimit,limit:0,time:1 minute", "policy user over ratelimit,limit:5,time:1 fortnight",
    "Threshold: 10 times", "policy ",
  ])
  func otherTextsTellNoLimit(_ text: String) {
    let notice = ThrottleText.notice(text, kind: .rate, retryAfter: nil)
    #expect(notice.limit == nil)
    #expect(notice.window == nil)
  }
}
