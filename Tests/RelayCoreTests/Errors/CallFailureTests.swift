import OCRContract
import RelayCore
import Testing

struct CallFailureTests {
  private static let fault = BackendFault(
    domain: "apig", code: "APIG.0301", message: "token expires", httpStatus: 401, requestID: "r", billed: .no)

  @Test(arguments: RetryRule.allCases)
  func onlyATokenFailureChangesWithAFreshToken(_ retry: RetryRule) {
    let failure = CallFailure(code: .authExpired, retry: retry, scope: .credential, backend: Self.fault)
    let after = failure.withFreshToken()
    if retry == .afterTokenRefresh {
      #expect(after.code == .authMisconfigured)
      #expect(after.errorClass == .authMisconfigured)
      #expect(after.retry == .never)
      #expect(after.backend == Self.fault)
    } else {
      #expect(after == failure)
    }
  }

  @Test func problemTellsWhatTheServiceSaid() {
    let failure = CallFailure(
      code: .throttled, retry: .backoffWithRateCut, scope: .service, minimumWait: .seconds(2), backend: Self.fault,
      throttle: ThrottleNotice(kind: .rate, retryAfter: .seconds(9)), advice: "Wait.")
    let problem = failure.problem(backendName: "huawei", attempts: 3, instance: "urn:x", deadLetter: nil)
    #expect(problem.code == "OCR_THROTTLED")
    #expect(problem.detail == "Wait.")
    #expect(problem.retryable)
    #expect(problem.retryAfter == .seconds(9))
    #expect(problem.backend?.name == "huawei")
    #expect(problem.backend?.code == "APIG.0301")
    #expect(problem.backend?.billed == .no)
    #expect(problem.attempts == 3)
  }

  @Test func whatIsNeverRepeatedIsNotCalledRetryable() {
    let failure = CallFailure(code: .quotaExhausted, retry: .never, scope: .credential, backend: Self.fault)
    #expect(!failure.problem(backendName: "huawei", attempts: 1).retryable)
  }

  @Test(arguments: [
    (TransportFailure.resolveFailed, ErrorCode.backendUnreachable, RetryRule.backoff, FailureScope.service, Billed.no),
    (.connectFailed, .backendUnreachable, .backoff, .service, .no),
    (.connectTimeout, .backendConnectTimeout, .backoff, .service, .no),
    (.tlsFailed, .backendTLSFailed, .backoff, .service, .no),
    (.timeout(afterRequestSent: true), .backendTimeout, .backoff, .message, .unknown),
    (.timeout(afterRequestSent: false), .backendTimeout, .backoff, .message, .no),
    (.connectionLost(afterRequestSent: true), .backendConnectionLost, .backoff, .message, .unknown),
    (.connectionLost(afterRequestSent: false), .backendConnectionLost, .backoff, .message, .no),
    (.repeatRefused, .backendConnectionLost, .backoff, .message, .unknown),
    (.responseTooLarge, .backendAnswerTooLarge, .never, .message, .unknown),
    (.responseMalformed, .backendAnswerInvalid, .backoff, .service, .unknown),
    (.redirected, .backendRedirected, .never, .service, .no),
    (.cancelled(afterRequestSent: true), .callCancelled, .backoff, .message, .unknown),
  ])
  func transportFailures(
    _ transport: TransportFailure, _ code: ErrorCode, _ retry: RetryRule, _ scope: FailureScope, _ billed: Billed
  ) {
    let failure = transport.callFailure
    #expect(failure.code == code)
    #expect(failure.retry == retry)
    #expect(failure.scope == scope)
    #expect(failure.backend.billed == billed)
    #expect(failure.backend.domain == "transport")
  }

  @Test func secretsDoNotShow() {
    struct Holder { var key = Secret("hunter2") }
    let secret = Secret("hunter2")
    var dumped = ""
    dump(Holder(), to: &dumped)
    for text in [
      "\(secret)", secret.description, secret.debugDescription, String(reflecting: secret), "\(Holder())",
      String(reflecting: Holder()), "\(Optional(secret) as Any)", "\([secret])", dumped,
    ] {
      #expect(!text.contains("hunter"))
    }
    #expect(secret.reveal() == "hunter2")
    #expect(secret == Secret("hunter2"))
    #expect(secret != Secret("hunter3"))
    #expect(secret != Secret("hunter22"))
  }
}
