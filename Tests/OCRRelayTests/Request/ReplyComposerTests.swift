import EventLoop
import OCRContract
import RelayCore
import Testing

@testable import AMQP
@testable import OCRRelay

struct ReplyComposerTests {
  private let replies = ReplyComposer(backendName: "huawei", resultsExchange: "ocr.results")
  private static let body = Array(#"{"result":{}}"#.utf8)
  private static let call = CallRecord(attempts: 2, milliseconds: 345, requestID: "r-1")

  private static func request(_ replyTo: String? = nil, change: (inout SampleDelivery) -> Void = { _ in })
    -> IncomingRequest
  {
    var sample = SampleDelivery()
    sample[.messageID] = "m"
    sample[.correlationID] = "c"
    sample[.replyTo] = replyTo
    change(&sample)
    return IncomingRequest(reading: sample.make(), now: 0)
  }

  private func result(_ request: IncomingRequest, _ call: CallRecord = call) -> OutgoingMessage {
    replies.result(request, api: "general-text", call: call, body: .bytes(Self.body))
  }

  private func problem(
    _ request: IncomingRequest, _ failure: RequestFailure = RequestFailure(code: .bodyNotJSON),
    api: String? = "general-text", attempts: Int = 0
  ) -> OutgoingMessage {
    replies.problem(request, api: api, failure: failure, attempts: attempts)
  }

  private static let failedCall = CallFailure(
    code: .backendFailed, retry: .backoff, scope: .message, minimumWait: .seconds(3),
    backend: BackendFault(
      domain: "ocr", code: "AIS.0105", message: "inner", httpStatus: 500, requestID: "r-2", billed: .unknown))

  // MARK: Contents

  @Test func aResultIsTheServicesBodyByteForByte() {
    let message = result(Self.request())
    #expect(message.bytes == Self.body)
    #expect(message.properties.type == "ocr.result.v1" && message.properties.contentType == "application/json")
    #expect(message.properties.correlationID == "c" && message.properties.isPersistent)
    #expect(message.properties.replyTo == nil && message.properties.expiration == nil)
    #expect(
      message.properties.headers.keys == [
        "ocr-api", "ocr-attempts", "ocr-backend", "ocr-billed", "ocr-duration-ms", "ocr-request-id",
      ])
    #expect(message.text(.api) == "general-text" && message.number(.attempts) == 2)
    #expect(message.text(.backend) == "huawei" && message.text(.billed) == "true")
    #expect(message.number(.durationMilliseconds) == 345 && message.text(.requestID) == "r-1")
  }

  @Test(arguments: [nil, 0, 1_234] as [Int64?])
  func anErrorAfterACallTellsItsDuration(_ milliseconds: Int64?) {
    let message = replies.problem(
      Self.request(), api: "general-text", failure: RequestFailure(Self.failedCall), attempts: 1,
      milliseconds: milliseconds)
    #expect(message.number(.durationMilliseconds) == milliseconds)
  }

  @Test func anErrorIsAProblemDocument() throws {
    let message = problem(Self.request(), RequestFailure(Self.failedCall), attempts: 5)
    #expect(message.properties.type == "ocr.error.v1")
    #expect(message.properties.contentType == "application/problem+json")
    #expect(
      message.properties.headers.keys == ["ocr-api", "ocr-attempts", "ocr-backend", "ocr-billed", "ocr-request-id"])
    #expect(message.text(.billed) == "unknown" && message.text(.requestID) == "r-2" && message.number(.attempts) == 5)
    let problem = try Problem(decoding: message.bytes)
    #expect(problem.knownCode == .backendFailed && problem.knownClass == .upstreamFailure)
    #expect(problem.attempts == 5 && problem.retryable && problem.retryAfter == .seconds(3))
    #expect(problem.deadLetter == "ocr.dead.upstream_failure")
    #expect(problem.instance == "urn:ocr:reply:\(try #require(message.properties.messageID))")
    #expect(
      problem.backend
        == Problem.Backend(
          name: "huawei", code: "AIS.0105", message: "inner", httpStatus: 500, requestID: "r-2", billed: .unknown))
  }

  @Test func anErrorWithoutACallCostsNothing() throws {
    let message = problem(Self.request(), RequestFailure(code: .unknownAPI, detail: "no such API"), api: nil)
    #expect(message.text(.billed) == "false" && message.text(.requestID) == nil && message.text(.api) == nil)
    let problem = try Problem(decoding: message.bytes)
    #expect(problem.backend == nil && problem.detail == "no such API" && !problem.retryable)
    #expect(problem.deadLetter == "ocr.dead.unsupported_api")
  }

  @Test func theQueueThatReallyKeepsTheMessageIsNamed() throws {
    var failure = RequestFailure(code: .bodyTooLarge)
    failure.deadLetterQueue = "ocr.dead.poison"
    #expect(try Problem(decoding: problem(Self.request(), failure).bytes).deadLetter == "ocr.dead.poison")
    let late = problem(Self.request(), RequestFailure(code: .deadlineExceeded))
    #expect(try Problem(decoding: late.bytes).deadLetter == nil)
  }

  @Test func traceContextAndDerivedIDsAreTold() {
    let request = Self.request {
      $0[.messageID] = nil
      $0.header(.traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
      $0.header(.tracestate, "vendor=1")
    }
    for message in [result(request), problem(request)] {
      #expect(message.text(.derivedID) == request.messageID)
      #expect(message.text(.traceparent) == request.traceparent && message.text(.tracestate) == "vendor=1")
    }
    #expect(result(Self.request()).text(.derivedID) == nil)
  }

  // MARK: Ids

  @Test func theSameOutcomeHasTheSameID() {
    let request = Self.request()
    let again = CallRecord(attempts: 4, milliseconds: 1, requestID: nil)
    let retried = Self.request("ocr.reply.other") { $0[.correlationID] = "later" }
    let id = result(request).properties.messageID
    #expect(id?.utf8.count == 32)
    #expect(result(request, again).properties.messageID == id && result(retried).properties.messageID == id)
    #expect(problem(request, attempts: 1).properties.messageID == problem(request, attempts: 3).properties.messageID)
  }

  @Test func differentOutcomesHaveDifferentIDs() {
    let request = Self.request()
    var ids = ErrorCode.allCases.map { problem(request, RequestFailure(code: $0)).properties.messageID }
    ids.append(result(request).properties.messageID)
    ids.append(result(Self.request { $0[.messageID] = "n" }).properties.messageID)
    ids.append(result(Self.request { $0[.userID] = "alice" }).properties.messageID)
    #expect(Set(ids).count == ErrorCode.allCases.count + 3)
  }

  @Test func theIDSurvivesARetry() {
    let copies = CopyComposer(backendName: "huawei", queue: "ocr.requests")
    for id in ["m", nil] {
      var sample = SampleDelivery()
      (sample[.messageID], sample[.userID]) = (id, "alice")
      let first = IncomingRequest(reading: sample.make(), now: 0)
      let copy = copies.retry(
        sample.make(), first, pause: RetryPause(covering: .seconds(2)), attempts: 1, now: 0)
      let second = IncomingRequest(reading: SampleDelivery(copy).make(), now: 5)
      #expect(result(first).properties.messageID == result(second).properties.messageID)
      #expect(result(first).text(.derivedID) == result(second).text(.derivedID))
    }
  }

  // MARK: Addresses

  @Test(
    arguments: [
      ("ocr.reply.me", "", "ocr.reply.me", true), ("answers/a.b", "answers", "a.b", true),
      ("answers/", "answers", "", true),
      ("amq.rabbitmq.reply-to.g1h2AA5yZXBs/x", "", "amq.rabbitmq.reply-to.g1h2AA5yZXBs/x", false),
    ])
  func answersGoWhereTheyAreWanted(_ replyTo: String, _ exchange: String, _ key: String, _ isMandatory: Bool) {
    let request = Self.request(replyTo)
    for message in [result(request), problem(request)] {
      #expect(message.exchange == exchange && message.routingKey == key && message.isMandatory == isMandatory)
      #expect(message.properties.isPersistent == isMandatory, "direct reply-to is transient")
    }
  }

  @Test func answersToNobodyGoToTheResultsExchange() {
    let request = Self.request()
    for (message, key) in [
      (result(request), "general-text.ok"), (problem(request), "general-text.error"),
      (problem(request, api: nil), "unknown.error"),
    ] {
      #expect(message.exchange == "ocr.results" && message.routingKey == key && message.isMandatory)
    }
  }

  @Test(arguments: ["ocr.reply.me", "answers/key", "amq.rabbitmq.reply-to.x"])
  func aParkedAnswerKeepsItsAddress(_ replyTo: String) {
    let answer = result(Self.request(replyTo))
    let parked = replies.parked(answer)
    #expect(parked.exchange == "ocr.unroutable" && parked.routingKey == "")
    #expect(parked.isMandatory && parked.properties.isPersistent)
    #expect(parked.text(.originExchange) == answer.exchange && parked.text(.originRoutingKey) == answer.routingKey)
    #expect(parked.bytes == answer.bytes && parked.properties.messageID == answer.properties.messageID)
    #expect(parked.properties.type == answer.properties.type && parked.text(.attempts) == answer.text(.attempts))
  }

  // MARK: Sizes

  @Test func answersToHostileRequestsFit() {
    let request = Self.request(String(repeating: "q", count: 255)) {
      for field in [PropertyField.messageID, .correlationID, .userID] {
        $0.texts[field] = Array(repeating: 0xFF, count: 255)
      }
      $0.header("tracestate", "S", SampleDelivery.long(Array(repeating: 0xFF, count: 100_000)))
      $0.header(.traceparent, String(repeating: "x", count: 512))
    }
    var call = Self.failedCall
    call.backend.requestID = String(repeating: "错", count: 50_000)
    let long = CallRecord(attempts: .max, milliseconds: .max, requestID: call.backend.requestID)
    for answer in [result(request, long), problem(request, RequestFailure(call), attempts: .max)] {
      for message in [answer, replies.parked(answer)] {
        #expect(message.defect == nil)
        #expect(message.properties.headers.encodedSize < 8_192)
      }
    }
  }
}
