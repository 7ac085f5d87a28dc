import HuaweiCloud
import OCRContract
import RelayCore
import Testing

@testable import OCRRelay

struct AuthDiagnosisTests {
  private static var configuration: RelayConfiguration {
    var configuration = RelayConfiguration()
    configuration.auth.username = "company"
    configuration.auth.password = Secret("hush")
    return configuration
  }

  /// The failure that an answer of the identity service becomes.
  private static func login(_ status: Int, _ body: String) -> CallFailure? {
    let answer = IAMTokenAnswer(head: AnswerHead(status: status), subjectToken: nil)
    guard case .failure(let failure) = answer.parse(body: Array(body.utf8)) else { return nil }
    return failure
  }

  /// The failure that an answer of the OCR service becomes.
  private static func call(_ status: Int, _ code: String, _ message: String) -> CallFailure? {
    let body = #"{"error_code":"\#(code)","error_msg":"\#(message)"}"#
    guard case .failure(let failure) = HuaweiClassifier().classify(AnswerHead(status: status), body: Array(body.utf8))
    else { return nil }
    return failure.withFreshToken()
  }

  private static func iam(_ message: String) -> String { #"{"error":{"code":401,"message":"\#(message)"}}"# }

  @Test(
    arguments: [
      (login(401, iam("The username or password is wrong.")), "named like the account"),
      (login(401, iam("The username or password is wrong.")), "lock the account"),
      (login(401, iam("The account is locked.")), "15 minutes"),
      (
        login(403, iam("This user only supports console access, not programmatic access.")), "programmatic access"
      ),
      (login(400, #"{"error_code":"IAM.1109","error_msg":"x"}"#), "never opened in the console"),
      (call(401, "APIG.0307", "The token must be updated."), "another region"),
      (call(401, "APIG.0301", "Incorrect IAM authentication information: decrypt token fail"), "another region"),
      (call(401, "APIG.0301", "Incorrect IAM authentication information: verify aksk signature fail"), "secret key"),
      (call(401, "APIG.0301", "Get secretKey failed,ak:******,err:ak not exist"), "access key (AK) is unknown"),
      (call(401, "APIG.0301", "AK access failed to reach the limit,forbidden."), "locked for five minutes"),
      (
        call(
          401, "APIG.0303", "signature expired, signature time:20230527T000431Z,server time:20230527T020608Z"),
        "20230527T000431Z here, 20230527T020608Z there"
      ),
      (call(403, "ModelArts.4204", "x"), "enable it"), (call(401, "ModelArts.0212", "x"), "not bound to a project"),
      (call(403, "ModelArts.4203", "x"), "OCR role"), (call(404, "APIG.0101", "x"), "backend.project_id"),
    ] as [(CallFailure?, String)])
  func theExplanationNamesTheCause(_ failure: CallFailure?, _ words: String) throws {
    let step = AuthDiagnosis(configuration: Self.configuration).step("call", try #require(failure))
    #expect(step.outcome == .wrong)
    #expect(step.advice.joined(separator: "\n").contains(words), "\(step)")
    #expect(!"\(step)".contains("hush"))
  }

  @Test(arguments: [
    (TransportFailure.resolveFailed, AuthReport.Outcome.unreachable, "not known"),
    (.connectFailed, .unreachable, "Nothing answers"),
    (.timeout(afterRequestSent: true), .unreachable, "Nothing answers"), (.tlsFailed, .wrong, "certificate"),
  ])
  func whatDoesNotAnswerIsNotCalledWrong(
    _ transport: TransportFailure, _ outcome: AuthReport.Outcome, _ words: String
  ) {
    let step = AuthDiagnosis(configuration: Self.configuration).step("call", transport.callFailure)
    #expect(step.outcome == outcome)
    #expect(step.advice.joined().contains(words), "\(step)")
  }

  @Test func theReportIsReadable() {
    var report = AuthReport(subject: ["bearer: a bearer key"])
    report.steps = [.init("login", .fine, "a token"), .init("call", .wrong, "HTTP 401", advice: ["Mend it."])]
    #expect(
      report.text == """
        bearer: a bearer key

        fine       login  a token
        WRONG      call   HTTP 401
                          Mend it.

        The relay cannot work with this credential yet. Nothing was charged.

        """)
    #expect(report.outcome == .wrong)
    report.steps[1].outcome = .unreachable
    #expect(report.outcome == .unreachable && report.text.contains("NO ANSWER  call"))
    report.steps[1].outcome = .skipped
    #expect(report.outcome == .skipped && report.text.contains("was not tried"))
    report.steps.removeLast()
    #expect(report.outcome == .fine && report.text.hasSuffix("The OCR service takes calls under this credential.\n"))
  }
}
