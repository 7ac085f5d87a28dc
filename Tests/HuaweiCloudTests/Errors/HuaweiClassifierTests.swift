import OCRContract
import RelayCore
import Testing

@testable import HuaweiCloud

struct HuaweiClassifierTests {
  private func classify(
    _ status: Int, _ body: String, retryAfter: String? = nil, date: String? = nil
  ) -> CallOutcome {
    HuaweiClassifier().classify(
      AnswerHead(status: status, retryAfter: retryAfter, date: date), body: Array(body.utf8))
  }

  private func failure(
    _ status: Int, _ body: String, retryAfter: String? = nil, date: String? = nil
  ) throws -> CallFailure {
    guard case .failure(let failure) = classify(status, body, retryAfter: retryAfter, date: date) else {
      throw Unexpected()
    }
    return failure
  }

  private struct Unexpected: Error {}

  @Test(arguments: [
    #"{"result":{"number":"1","code":"2"}}"#, #" {"a":[{"result":1}],"result":[]}"# + "\n",
    #"{"result":[{"status":{"error_code":"AIS.0104","error_msg":"x"}}]}"#,
    #"{"result":{"text":"error_code","list":[{"error_code":1}]}}"#,
    #"{"result":{"words":"a quote \" and { and ["}}"#,
  ])
  func results(_ body: String) {
    #expect(classify(200, body) == .success)
  }

  @Test(arguments: [
    ("", ErrorCode.backendAnswerInvalid, FailureScope.service, Billed.unknown),
    ("<html>Please log in</html>", .backendAnswerInvalid, .service, .unknown),
    ("{}", .backendAnswerInvalid, .message, .unknown),
    (#"{"result":{}"#, .backendAnswerInvalid, .service, .unknown),
    (#"{"result":{}}}"#, .backendAnswerInvalid, .service, .unknown),
    (#"[{"result":1}]"#, .backendAnswerInvalid, .service, .unknown),
    (#"{"result":{},"error_code":"AIS.0103"}"#, .backendAnswerInvalid, .message, .unknown),
    (#"{"error_code":"AIS.0103","error_msg":"size"}"#, .backendRejectedImage, .message, .yes),
    (#"{"result":{"error_code":"AIS.0104","error_msg":"x"}}"#, .backendRejectedImage, .message, .yes),
    (#"{"error_code":"APIG.0308","error_msg":"x"}"#, .throttled, .service, .yes),
  ])
  func successfulStatusWithoutResult(
    _ body: String, _ code: ErrorCode, _ scope: FailureScope, _ billed: Billed
  ) throws {
    let failure = try failure(200, body)
    #expect(failure.code == code)
    #expect(failure.scope == scope)
    #expect(failure.backend.billed == billed)
  }

  @Test(arguments: [
    (301, ErrorCode.backendRedirected, RetryRule.never), (400, .backendRejectedRequest, .never),
    (401, .authExpired, .afterTokenRefresh), (402, .quotaExhausted, .never), (403, .permissionDenied, .never),
    (413, .backendRejectedImage, .never), (418, .backendRejectedRequest, .never),
    (429, .throttled, .backoffWithRateCut), (500, .backendFailed, .backoff), (504, .backendTimeout, .backoff),
    (599, .backendFailed, .backoff), (0, .backendFailed, .backoff), (-5, .backendFailed, .backoff),
    (999, .backendFailed, .backoff),
  ])
  func unknownBodiesAreJudgedByStatus(_ status: Int, _ code: ErrorCode, _ retry: RetryRule) throws {
    for body in ["", "<html/>", #"{"unknown":true}"#, #"{"error_code":"XYZ.1","error_msg":"new"}"#] {
      let failure = try failure(status, body)
      #expect(failure.code == code)
      #expect(failure.retry == retry)
    }
  }

  @Test(
    arguments: [
      ("30", nil, 30), (" 7 ", nil, 7), ("99999999", nil, 86_400), ("-1", nil, nil), ("soon", nil, nil),
      ("99999999999999999999", nil, nil), ("1.5", nil, nil),
      ("Sun, 06 Nov 1994 08:50:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 60),
      ("Sun, 06 Nov 1994 08:48:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 0),
      ("Sun, 06 Nov 1994 08:48:37 GMT", nil, nil), ("Sun, 31 Feb 1994 08:48:37 GMT", "x", nil),
    ] as [(String, String?, Int?)])
  func retryAfter(_ header: String, _ date: String?, _ seconds: Int?) throws {
    let wait: Duration? = seconds.map { .seconds($0) }
    #expect(try failure(503, "", retryAfter: header, date: date).minimumWait == wait)
    #expect(try failure(429, "", retryAfter: header, date: date).throttle?.retryAfter == wait)
    #expect(try failure(400, "", retryAfter: header, date: date).minimumWait == nil)
  }

  @Test func tooLargeWithRetryAfterIsTemporary() throws {
    let failure = try failure(413, "", retryAfter: "5")
    #expect(failure.retry == .backoff)
    #expect(failure.code == .backendFailed)
  }

  @Test func longerOfBothWaitsCounts() throws {
    let body = #"{"error_code":"ModelArts.4401","error_msg":"Max concurrency error."}"#
    #expect(try failure(429, body, retryAfter: "1").minimumWait == .seconds(2))
    #expect(try failure(429, body, retryAfter: "9").minimumWait == .seconds(9))
    #expect(try failure(429, body).throttle?.kind == .concurrency)
  }

  @Test(
    arguments: [
      (#"{"errorcode":"APIG.0307","errormsg":"x","requestid":"r1"}"#, ErrorDomain.apig, "APIG.0307"),
      (#"{"errorCode":"APIG.0307","errorMsg":"x"}"#, .apig, "APIG.0307"),
      (#"{"error":{"code":"IAM.0003","message":"x"}}"#, .iam, "IAM.0003"),
      (#"{"error_code":"ModelArts.81101","error_msg":"x"}"#, .maas, "ModelArts.81101"),
      (#"{"object":"error","message":"x","type":"t","param":null,"code":400}"#, .maas, "400"),
      (#"{"detail":"Method Not Allowed"}"#, .maas, nil),
      (#"{"type":"error","error":{"type":"t","message":"x"}}"#, .gateway, ""),
      (#"{"success":false,"message":"x","code":"AUTH_TOKEN_EXPIRED"}"#, .gateway, "AUTH_TOKEN_EXPIRED"),
      (#"{"error":"invalid_client"}"#, .http, nil),
      (#"{"code":"AIS.0101","message":"x"}"#, .ocr, "AIS.0101"),
    ] as [(String, ErrorDomain, String?)])
  func envelopes(_ body: String, _ domain: ErrorDomain, _ code: String?) {
    let envelope = ErrorEnvelope(Array(body.utf8).span.bytes)
    #expect(envelope?.domain == domain)
    #expect(envelope?.code == code)
  }

  @Test(arguments: ["", "null", "[]", "{}", "12", #"{"message":"hi"}"#, #"{"error":null}"#, #"{"error":{}}"#])
  func bodiesWithoutError(_ body: String) {
    #expect(ErrorEnvelope(Array(body.utf8).span.bytes) == nil)
  }

  @Test func hugeErrorBodiesAreJudgedByStatus() throws {
    let filler = String(repeating: "x", count: ErrorEnvelope.maximumBytes)
    let failure = try failure(500, #"{"error_code":"AIS.0103","error_msg":"\#(filler)"}"#)
    #expect(failure.code == .backendFailed)
    #expect(failure.backend.message == nil)
  }

  @Test(
    arguments: [
      ("verify aksk signature fail,canonicalRequest:POST|/v2/secret", "verify aksk signature fail,"),
      ("Invalid input for field 'password'. The value is 'hunter2'.", "Invalid input for field 'password'."),
      ("failed https://b.example/x?AccessKeyId=a&Signature=s now", "failed … now"),
      ("see:https://user:pass@b.example/", "…"),
      ("TokenStatusExhausted[sk-abc123]", "…"), ("two\r\nlines\u{2028}and\u{202E}more", "two lines and more"),
      (String(repeating: "A", count: 400), "…"), (" \n ", nil),
    ] as [(String, String?)])
  func messagesAreCleaned(_ message: String, _ published: String?) {
    #expect(MessageFilter.publish(message) == published)
  }

  @Test func longMessagesAreCut() throws {
    let message = try #require(MessageFilter.publish(String(repeating: "无效的令牌 ", count: 1000)))
    #expect(message.utf8.count <= MessageFilter.maximumBytes)
    #expect(message.utf8.count > MessageFilter.maximumBytes - 4)
  }

  /// Whatever bytes come, there is an outcome; and a success has a result.
  @Test func fuzz() {
    let seed = UInt64.random(in: .min ... .max)
    print("classifier fuzz seed \(seed)")
    var random = SeededRandom(seed: seed)
    let corpus = SampleAnswer.all.map { Array($0.body.utf8) } + [Array(#"{"result":{"a":[1,"\u00e9"]}}"#.utf8)]
    let statuses = [200, 201, 302, 400, 401, 403, 413, 429, 500, 503]
    for _ in 0..<20_000 {
      let body = random.mutate(corpus[Int.random(in: 0..<corpus.count, using: &random)], with: corpus)
      let head = AnswerHead(
        status: statuses.randomElement(using: &random) ?? 200,
        retryAfter: Bool.random(using: &random) ? String(decoding: body.prefix(12), as: UTF8.self) : nil,
        requestID: String(decoding: body.suffix(20), as: UTF8.self))
      switch HuaweiClassifier().classify(head, body: body) {
      case .success: #expect(head.status < 300 && String(decoding: body, as: UTF8.self).contains("result"))
      case .failure(let failure):
        #expect((failure.backend.message?.utf8.count ?? 0) <= MessageFilter.maximumBytes)
        #expect((failure.minimumWait ?? .zero) >= .zero)
      }
    }
  }
}
