import Foundation
import OCRContract
import RelayCore
import Testing

@testable import HuaweiCloud

struct AppSecretTests {
  private static let good =
    #"{"accessToken":"at-1","tokenType":"bearer","expiresIn":3600,"refreshToken":"rt-1","scope":"default"}"#

  private func parse(_ body: String, status: Int = 200) -> Result<TokenContents, CallFailure> {
    AppSecretAnswer(head: AnswerHead(status: status)).parse(body: Array(body.utf8))
  }

  private func failure(_ body: String, status: Int) throws -> CallFailure {
    guard case .failure(let failure) = parse(body, status: status) else { throw Unexpected() }
    return failure
  }

  private struct Unexpected: Error {}

  @Test func loginIsAForm() {
    let request = AppSecretRequest(appID: "app 1&x", secret: Secret("s=é/+"))
    #expect(String(decoding: request.loginBody(), as: UTF8.self) == "appId=app%201%26x&secret=s%3D%C3%A9%2F%2B")
  }

  @Test func renewalIsJSON() throws {
    let body = AppSecretRequest(appID: "a\"", secret: Secret("s\\")).refreshBody(Secret("r"))
    let expected = NSDictionary(dictionary: ["appId": "a\"", "secret": "s\\", "refreshToken": "r"])
    #expect(try JSONSerialization.jsonObject(with: Data(body)) as? NSDictionary == expected)
  }

  @Test func tokensAreRead() throws {
    let contents = try parse(Self.good).get()
    #expect(contents.text == Secret("at-1") && contents.refreshText == Secret("rt-1"))
    #expect(contents.lifetime == .seconds(3_600) && contents.projectID == nil)
    #expect(try parse(Self.good.replacing("bearer", with: "Bearer")).get() == contents)
    #expect(try parse(Self.good.replacing("3600", with: "\"7200\"")).get().lifetime == .seconds(7_200))
    #expect(try parse(Self.good.replacing("3600", with: "999999999999")).get().lifetime == .seconds(31 * 86_400))
    #expect(try parse(#"{"accessToken":"a","expiresIn":1}"#).get().refreshText == nil)
  }

  @Test(arguments: [
    "", "{}", "[]", #"{"accessToken":"","expiresIn":9}"#, #"{"accessToken":"a b","expiresIn":9}"#,
    #"{"accessToken":"a"}"#, #"{"accessToken":"a","expiresIn":0}"#, #"{"accessToken":"a","expiresIn":"soon"}"#,
    #"{"accessToken":"a","expiresIn":9,"tokenType":"mac"}"#, #"{"accessToken":"a\r\nX: 1","expiresIn":9}"#,
  ])
  func otherAnswersAreRefused(_ body: String) throws {
    let failure = try failure(body, status: 200)
    #expect(failure.code == .backendAnswerInvalid && failure.scope == .service)
  }

  @Test(
    arguments: [
      (
        401, #"{"error_code":"100208","error_desc":"AppId or secret is not right."}"#, .authMisconfigured, .never, false
      ),
      (401, #"{"error_code":"100006","error_desc":"x"}"#, .authMisconfigured, .never, true),
      (403, #"{"error_code":1005,"error_desc":"x"}"#, .authMisconfigured, .never, true),
      (400, #"{"error_code":"100449","error_desc":"The device is freezed."}"#, .permissionDenied, .never, true),
      (400, #"{"error_code":"102202","error_desc":"x"}"#, .authMisconfigured, .never, true),
      (500, #"{"error_code":"50252","error_desc":"x"}"#, .backendFailed, .backoff, false),
      (503, "", .backendFailed, .backoff, false),
    ] as [(Int, String, ErrorCode, RetryRule, Bool)])
  func refusals(_ status: Int, _ body: String, _ code: ErrorCode, _ retry: RetryRule, _ login: Bool) throws {
    let failure = try failure(body, status: status)
    #expect(failure.code == code && failure.retry == retry)
    #expect(AppSecretAnswer.allowsLogin(after: failure) == login)
    #expect(failure.backend.billed == .no)
  }

  @Test func randomAnswersNeverTrap() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    let good = Array(Self.good.utf8)
    for _ in 0..<5_000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let cut = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
      _ = AppSecretAnswer(head: AnswerHead(status: 200)).parse(body: cut)
    }
  }
}
