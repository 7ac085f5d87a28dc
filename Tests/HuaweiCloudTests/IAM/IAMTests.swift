import Foundation
import OCRContract
import RelayCore
import Testing

@testable import HuaweiCloud

struct IAMTests {
  private static let token = "MIIN" + String(repeating: "aB3-_/+=", count: 560)
  private static let good =
    #"{"token":{"expires_at":"2026-01-02T09:05:22.701000Z","issued_at":"2026-01-01T09:05:22.701000Z","#
    + #""project":{"id":"0123456789abcdef0123456789abcdef","name":"cn-north-4"},"user":{"name":"u"}}}"#

  private func parse(
    status: Int = 201, token: String? = IAMTests.token, date: String? = nil, retryAfter: String? = nil,
    body: String = IAMTests.good
  ) -> Result<IAMToken, CallFailure> {
    IAMTokenAnswer(
      head: AnswerHead(status: status, retryAfter: retryAfter, requestID: "r-1", date: date),
      subjectToken: token.map { Secret($0) }
    ).parse(body: Array(body.utf8))
  }

  private func failure(_ result: Result<IAMToken, CallFailure>) throws -> CallFailure {
    switch result {
    case .failure(let failure): return failure
    case .success: throw Unexpected()
    }
  }

  private struct Unexpected: Error {}

  @Test func bodyNamesTheThreeNamesAndTheProject() throws {
    let request = IAMTokenRequest(
      user: "u\"ser", password: Secret("p\\w\u{1}é"), domain: "account", project: .name("cn-north-4"))
    let expected = NSDictionary(dictionary: [
      "auth": [
        "identity": [
          "methods": ["password"],
          "password": ["user": ["name": "u\"ser", "password": "p\\w\u{1}é", "domain": ["name": "account"]]],
        ], "scope": ["project": ["name": "cn-north-4"]],
      ]
    ])
    #expect(try JSONSerialization.jsonObject(with: Data(request.body())) as? NSDictionary == expected)
  }

  @Test func accountDefaultsToTheUserAndProjectMayBeAnID() {
    let request = IAMTokenRequest(user: "u", password: Secret("p"), project: .id("abc"))
    let body = String(decoding: request.body(), as: UTF8.self)
    #expect(body.contains(#""domain":{"name":"u"}"#))
    #expect(body.hasSuffix(#""scope":{"project":{"id":"abc"}}}}"#))
  }

  @Test func tokenIsRead() throws {
    let token = try parse().get()
    #expect(token.text == Secret(Self.token))
    #expect(token.lifetime == .seconds(86_400))
    #expect(token.projectID == "0123456789abcdef0123456789abcdef")
    #expect(token.projectName == "cn-north-4")
    #expect(!"\(token)".contains("MII"))
  }

  @Test func configuredProjectServesWhereTheTokenNamesNone() throws {
    let unbound = #"{"token":{"expires_at":"2026-01-02T09:05:22.701000Z","issued_at":"2026-01-01T09:05:22.701000Z"}}"#
    func answer(_ projectID: String?) -> Result<IAMToken, CallFailure> {
      IAMTokenAnswer(
        head: AnswerHead(status: 201), subjectToken: Secret(Self.token), configuredProjectID: projectID
      ).parse(body: Array(unbound.utf8))
    }
    #expect(try answer("own").get().projectID == "own")
    #expect(try failure(answer(nil)).code == .authMisconfigured)
    #expect(try failure(answer("../other")).code == .authMisconfigured)
  }

  @Test(arguments: [
    ("Thu, 01 Jan 2026 09:05:23 GMT", 86_399), ("Thu, 01 Jan 2026 21:05:22 GMT", 43_200),
    ("Thu, 01 Jan 2026 08:00:00 GMT", 86_400), ("nonsense", 86_400),
  ])
  func dateOfTheAnswerShortensTheLifetime(_ date: String, _ seconds: Int) throws {
    #expect(try parse(date: date).get().lifetime == .seconds(seconds))
  }

  @Test(arguments: [
    "", " ", "a b", "abc\r\nX-Evil: 1", "abc\n", "tökén", "a\u{0}b", String(repeating: "a", count: 100_001),
  ])
  func implausibleTokensAreRefused(_ token: String) throws {
    let failure = try failure(parse(token: token))
    #expect(failure.code == .backendAnswerInvalid)
    #expect(failure.retry == .backoff)
    #expect(failure.scope == .service)
    #expect(failure.backend.billed == .no)
  }

  @Test func missingTokenIsRefused() throws {
    #expect(try failure(parse(token: nil)).code == .backendAnswerInvalid)
  }

  @Test(arguments: [
    "", "<html>", "{}", #"{"token":{}}"#, #"{"token":{"expires_at":"tomorrow"}}"#,
    good.replacing("2026-01-02T", with: "2025-01-02T"), good.replacing("2026-01-02T", with: "2026-02-30T"),
  ])
  func unusableBodiesAreRefused(_ body: String) throws {
    #expect(try failure(parse(body: body)).code == .backendAnswerInvalid)
  }

  @Test func expiredOnArrivalIsRefused() throws {
    #expect(try failure(parse(date: "Sat, 03 Jan 2026 09:05:23 GMT")).code == .backendAnswerInvalid)
  }

  @Test(arguments: [#""project":{}"#, #""project":{"id":""}"#, #""project":{"id":"../x"}"#, #""other":1"#])
  func tokenWithoutProjectIsAFaultOfTheSettings(_ project: String) throws {
    let body = #"{"token":{"expires_at":"2026-01-02T09:05:22.701000Z","issued_at":"2026-01-01T09:05:22Z",\#(project)}}"#
    let failure = try failure(parse(body: body))
    #expect(failure.code == .authMisconfigured)
    #expect(failure.retry == .never)
    #expect(failure.scope == .credential)
  }

  @Test(
    arguments: [
      (
        401, #"{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}"#,
        ErrorCode.authMisconfigured, RetryRule.never, FailureScope.credential, nil
      ),
      (
        401, #"{"error":{"code":401,"message":"The account is locked.","title":"Unauthorized"}}"#,
        .authMisconfigured, .backoff, .credential, 900
      ),
      (
        401, #"{"error_code":"IAM.0061","error_msg":"Account locked."}"#, .authMisconfigured, .backoff, .credential, 900
      ),
      (
        403, #"{"error":{"code":403,"message":"This user only supports console access, not programmatic access."}}"#,
        .permissionDenied, .never, .credential, nil
      ),
      (
        429, #"{"error_code":"IAM.0012","error_msg":"Threshold: 10 times per 60 seconds"}"#,
        .throttled, .backoffWithRateCut, .service, nil
      ),
      (410, #"{"error_code":"IAM.0020","error_msg":"x"}"#, .backendFailed, .backoff, .service, nil),
      (500, #"{"error":{"code":500,"message":"x","title":"y"}}"#, .backendFailed, .backoff, .service, nil),
      (503, "<html/>", .backendFailed, .backoff, .service, nil),
      (502, "", .backendFailed, .backoff, .service, nil),
      (401, "", .authMisconfigured, .never, .credential, nil),
      (400, "", .authMisconfigured, .never, .credential, nil),
      (404, "", .authMisconfigured, .never, .credential, nil),
      (
        401, #"{"error_code":"IAM.0066","error_msg":"The token has expired."}"#,
        .authMisconfigured, .never, .credential, nil
      ),
      (
        404, #"{"error_code":"APIGW.0101","error_msg":"x","request_id":"r"}"#, .authMisconfigured, .never, .service, nil
      ),
      (413, "", .authMisconfigured, .never, .credential, nil),
      (302, "", .backendRedirected, .never, .service, nil),
    ] as [(Int, String, ErrorCode, RetryRule, FailureScope, Int?)])
  func refusals(
    _ status: Int, _ body: String, _ code: ErrorCode, _ retry: RetryRule, _ scope: FailureScope, _ wait: Int?
  ) throws {
    let failure = try failure(parse(status: status, token: nil, body: body))
    #expect(failure.code == code)
    #expect(failure.retry == retry)
    #expect(failure.scope == scope)
    #expect(failure.minimumWait == wait.map { .seconds($0) })
    #expect(failure.backend.billed == .no)
  }

  @Test func throttleTellsItsNumbers() throws {
    let body = #"{"error_code":"IAM.0012","error_msg":"Threshold: 10 times per 60 seconds"}"#
    let notice = try #require(try failure(parse(status: 429, body: body)).throttle)
    #expect(notice.limit == 10)
    #expect(notice.window == .seconds(60))
  }

  @Test(arguments: [TransportFailure.timeout(afterRequestSent: true), .connectFailed, .tlsFailed, .resolveFailed])
  func noAnswerConcernsEverybodyAndCostsNothing(_ transport: TransportFailure) {
    let failure = IAMTokenAnswer.failure(transport: transport)
    #expect(failure.scope == .service)
    #expect(failure.backend.billed == .no)
  }

  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-01-02T09:05:22.701000Z", 1_767_344_722),
      ("2000-02-29T23:59:59Z", 951_868_799),
      ("1969-12-31T23:59:59Z", -1), ("2100-03-01T00:00:00Z", 4_107_542_400), ("2026-02-29T00:00:00Z", nil),
      ("2026-13-01T00:00:00Z", nil), ("2026-01-01T24:00:00Z", nil), ("2026-01-01T00:00:00", nil),
      ("2026-01-01T00:00:00+01:00", nil), ("", nil), ("9999999999999", nil),
    ] as [(String, Int?)])
  func isoTimes(_ text: String, _ seconds: Int?) {
    #expect(WireTime.iso8601(text) == seconds)
  }
}
