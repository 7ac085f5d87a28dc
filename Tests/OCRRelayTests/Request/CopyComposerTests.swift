import EventLoop
import OCRContract
import RelayCore
import Testing

@testable import AMQP
@testable import OCRRelay

struct CopyComposerTests {
  private static let now: Int64 = 1_800_000_000_000
  private let copies = CopyComposer(backendName: "huawei", queue: "ocr.requests")

  private func incoming(_ sample: SampleDelivery) -> IncomingRequest {
    IncomingRequest(reading: sample.make(), now: Self.now)
  }

  private func retry(
    _ sample: SampleDelivery, wait: Duration = .seconds(2), attempts: Int = 1, now: Int64 = now
  ) -> OutgoingMessage {
    copies.retry(
      sample.make(), incoming(sample), pause: RetryPause(covering: wait), attempts: attempts, now: now)
  }

  private func dead(_ sample: SampleDelivery, _ failure: RequestFailure, attempts: Int = 1) -> OutgoingMessage {
    copies.deadLetter(sample.make(), incoming(sample), failure: failure, attempts: attempts, now: Self.now)
  }

  private static func full() -> SampleDelivery {
    var sample = SampleDelivery()
    sample[.contentType] = "application/json"
    sample[.contentEncoding] = "utf-8"
    sample[.correlationID] = "c"
    sample[.replyTo] = "ocr.reply.me"
    sample[.messageID] = "m"
    sample[.type] = "general-text"
    sample[.userID] = "alice"
    sample[.appID] = "scanner"
    sample[.expiration] = "60000"
    return sample
  }

  // MARK: Both kinds

  @Test func theBrokersHeadersAreTakenOutAndForeignOnesStayAsTheyAre() {
    var sample = Self.full()
    sample.header("x-death", "A", SampleDelivery.long([]))
    sample.header("x-first-death-queue", "S", SampleDelivery.long(Array("q".utf8)))
    sample.header("x-delivery-count", "l", SampleDelivery.bytes(Int64(3)))
    sample.header("x-anything", "t", [1])
    sample.header("CC", "A", SampleDelivery.long([]))
    sample.header("BCC", "A", SampleDelivery.long([]))
    let ours = sample.headers.count
    sample.header("tenant", "S", SampleDelivery.long([0xFF, 0x00, 0x80]))
    sample.header("price", "D", [2, 0, 0, 0, 9])
    sample.header("nested", "F", SampleDelivery.long(SampleDelivery.short(Array("k".utf8)) + Array("V".utf8)))
    sample.header("ocr-unknown", "t", [0])
    let foreign = Array(sample.headers[ours...])
    for copy in [retry(sample), dead(sample, RequestFailure(code: .bodyNotJSON))] {
      #expect(Array(copy.properties.headers.bytes.prefix(foreign.count)) == foreign)
      #expect(copy.properties.headers.keys.allSatisfy { !$0.hasPrefix("x-") && $0 != "CC" && $0 != "BCC" })
      #expect(copy.bytes == sample.body)
      #expect(copy.isMandatory && copy.properties.isPersistent)
      #expect(copy.properties.expiration == nil, "a copy ends when somebody takes it")
      #expect(copy.properties.userID == nil, "the broker accepts only our own user there")
      #expect(copy.properties.correlationID == "c" && copy.properties.replyTo == "ocr.reply.me")
      #expect(copy.properties.contentType == "application/json" && copy.properties.contentEncoding == "utf-8")
      #expect(copy.properties.messageID == "m" && copy.properties.appID == "scanner")
    }
  }

  @Test func headersOfAnEarlierRoundAreReplaced() {
    var sample = Self.full()
    for name in HeaderName.allCases where name != .options && name != .traceparent && name != .tracestate {
      sample.header(name, 7)
    }
    for copy in [retry(sample), dead(sample, RequestFailure(code: .bodyNotJSON))] {
      let keys = copy.properties.headers.keys
      #expect(Set(keys).count == keys.count, "no name twice: \(keys)")
      #expect(copy.number(.attempts) == 1)
    }
  }

  /// A replay that has to wait still reports its end; one that fails again is another letter and reports to nobody.
  @Test func theNoticeOfAReplayOutlivesARetryAndNoDeath() {
    var sample = Self.full()
    sample.header(.outcomeTo, "amq.gen-1")
    sample.header(.replayID, "plan.letter")
    sample.header(.history, "OCR_POISON@5")
    let retried = retry(sample)
    let died = dead(sample, RequestFailure(code: .bodyNotJSON))
    #expect(retried.text(.outcomeTo) == "amq.gen-1" && retried.text(.replayID) == "plan.letter")
    #expect(died.text(.outcomeTo) == nil && died.text(.replayID) == nil)
    for copy in [retried, died] {
      #expect(copy.text(.history) == "OCR_POISON@5")
      #expect(copy.text(.originUser) == "alice", "the publisher is known to whoever looks at the letter")
    }
  }

  /// Whatever arrives, a copy can be published, keeps its headers below 8 KiB and loses no options.
  @Test func anyDeliveryMakesCopiesThatFit() throws {
    let seed = TestRandom.seed("CopyComposer")
    var random = TestRandom(seed: seed)
    for _ in 0..<100 {
      let sample = Self.hostile(&random)
      var failure = RequestFailure(code: ErrorCode.allCases.randomElement(using: &random) ?? .poison)
      failure.detail = String(repeating: "错\u{0}\"", count: Int.random(in: 0...5_000, using: &random))
      var call = CallFailure(
        code: .backendFailed, retry: .backoff, scope: .message, backend: BackendFault(domain: "ocr", billed: .unknown))
      call.backend.code = String(repeating: "C", count: 10_000)
      if Bool.random(using: &random) { failure.call = call }
      let request = incoming(sample)
      for copy in [dead(sample, failure), retry(sample, wait: .seconds(9_000))] {
        try #require(copy.defect == nil, "seed \(seed)")
        try #require(
          copy.properties.headers.encodedSize < 8_192, "seed \(seed): \(copy.properties.headers.encodedSize)")
        try #require(HeaderTable(wire: copy.properties.headers.bytes) != nil, "seed \(seed)")
        guard request.rejection == nil else { continue }
        let options = copy.properties.headers.data(HeaderName.options.rawValue).map { Array($0) } ?? []
        try #require(options == request.options, "seed \(seed)")
      }
    }
  }

  private static func hostile(_ random: inout TestRandom) -> SampleDelivery {
    var sample = SampleDelivery()
    for field in PropertyField.allCases where field.rawValue != 13 && field.rawValue != 12 && field.rawValue != 11 {
      guard field != .timestamp, Bool.random(using: &random) else { continue }
      sample.texts[field] =
        Bool.random(using: &random)
        ? Array(repeating: 0xFF, count: 255) : random.bytes(Int.random(in: 0...255, using: &random))
    }
    sample.exchange = Bool.random(using: &random) ? ExchangeName.retryIn : String(repeating: "\u{FFFD}", count: 255)
    sample.routingKey = String(repeating: "\u{FFFD}", count: Int.random(in: 0...255, using: &random))
    for _ in 0..<Int.random(in: 0...30, using: &random) {
      let ours = HeaderName.allCases.randomElement(using: &random)?.rawValue ?? ""
      let key = Bool.random(using: &random) ? ours : "k\(Int.random(in: 0...99, using: &random))"
      let largest = [1, 50, 1_000, 6_000, 20_000].randomElement(using: &random) ?? 0
      let value = random.bytes(Int.random(in: 0...largest, using: &random))
      sample.header(key, Bool.random(using: &random) ? "S" : "x", SampleDelivery.long(value))
    }
    return sample
  }

  // MARK: Retries

  @Test(
    arguments: [(0, "2s"), (2, "2s"), (3, "10s"), (60, "1m"), (600, "10m"), (3_600, "1h"), (7_200, "1h")])
  func theRoutingKeyNamesLevelAndQueue(_ seconds: Int, _ level: String) {
    let copy = retry(Self.fullWithoutDeadline(), wait: .seconds(seconds))
    #expect(copy.exchange == "ocr.retry" && copy.routingKey == "\(level).ocr.requests")
    #expect(copy.number(.notBefore) == (seconds > 3_600 ? Self.now + Int64(seconds) * 1_000 : nil))
  }

  @Test(arguments: [(1, "2s"), (5, "10s"), (59, "1m"), (4_000, "1h"), (-5, "2s")])
  func noLevelOutlastsTheDeadlineForLong(_ seconds: Int, _ level: String) {
    var sample = Self.fullWithoutDeadline()
    sample.header(.deadline, Self.now + Int64(seconds) * 1_000)
    #expect(retry(sample, wait: .seconds(3_600)).routingKey == "\(level).ocr.requests")
  }

  private static func fullWithoutDeadline() -> SampleDelivery {
    var sample = full()
    sample[.expiration] = nil
    return sample
  }

  /// A request and its copies, read again and again, stay the same request.
  @Test(arguments: ["explicit", "derived", "type in the routing key", "empty type"])
  func aRetryIsReadAsTheSameRequest(_ kind: String) throws {
    var sample = Self.full()
    if kind == "derived" { (sample[.messageID], sample[.correlationID]) = (nil, nil) }
    if kind == "type in the routing key" { sample[.type] = nil }
    if kind == "empty type" { sample[.type] = "" }
    sample.header("bulk", "S", SampleDelivery.long(Array(repeating: 65, count: 5_900)))
    sample.header(.options, #"{"detect_direction":true}"#)
    sample.header(.traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    sample.header(.tracestate, "vendor=1")
    sample.header(.replayCount, 4)
    let first = incoming(sample)
    var current = sample
    for round in 1...4 {
      let copy = retry(current, attempts: round, now: Self.now + Int64(round))
      current = SampleDelivery(copy)
      let request = IncomingRequest(reading: current.make(), now: Self.now + 1_000_000)
      #expect(request.messageID == first.messageID && request.isDerivedID == (kind == "derived"))
      #expect(request.correlationID == first.correlationID && request.replyTarget == first.replyTarget)
      #expect(request.userID == "alice" && request.deadline == Self.now + 60_000, "the time to live became a deadline")
      #expect(request.attempts == round && request.firstFailedAt == Self.now + 1 && request.replayCount == 4)
      #expect(request.options == first.options && request.rejection == nil)
      #expect(request.traceparent == first.traceparent && request.tracestate == first.tracestate)
      #expect(current[.type] == "general-text" && current.body == sample.body)
      #expect(copy.text(.originExchange) == "ocr.requests" && copy.text(.originRoutingKey) == "general-text")
    }
    let letter = dead(current, RequestFailure(code: .backendFailed), attempts: 5)
    #expect(letter.number(.firstFailedAt) == Self.now + 1 && letter.number(.lastFailedAt) == Self.now)
    #expect(letter.text(.originExchange) == "ocr.requests" && letter.text(.originRoutingKey) == "general-text")
  }

  @Test func anOldWaitIsNotCarriedOn() {
    let long = retry(Self.full(), wait: .seconds(7_200))
    let again = retry(SampleDelivery(long), wait: .seconds(2))
    #expect(long.number(.notBefore) != nil && again.number(.notBefore) == nil)
  }

  // MARK: Dead letters

  @Test func aDeadLetterSaysWhatHappened() {
    let call = CallFailure(
      code: .backendFailed, retry: .backoff, scope: .message,
      backend: BackendFault(domain: "ocr", code: "AIS.0105", message: "inner error", httpStatus: 500, billed: .no))
    let letter = dead(Self.full(), RequestFailure(call), attempts: 5)
    #expect(letter.exchange == "ocr.dead" && letter.routingKey == "upstream_failure")
    #expect(letter.text(.errorCode) == "OCR_BACKEND_FAILED" && letter.text(.errorClass) == "upstream_failure")
    #expect(letter.text(.errorMessage) == "inner error" && letter.number(.attempts) == 5)
    #expect(letter.text(.backend) == "huawei" && letter.text(.backendCode) == "AIS.0105")
    #expect(letter.text(.originQueue) == "ocr.requests" && letter.number(.replayCount) == 0)
    #expect(letter.number(.firstFailedAt) == Self.now && letter.number(.lastFailedAt) == Self.now)
  }

  @Test(arguments: [("what is wrong", "what is wrong"), (nil, ErrorCode.bodyNotJSON.advice)] as [(String?, String)])
  func aDeadLetterWithoutACallNamesNoService(_ detail: String?, _ message: String) {
    let letter = dead(Self.full(), RequestFailure(code: .bodyNotJSON, detail: detail), attempts: 0)
    #expect(letter.text(.errorMessage) == message)
    #expect(letter.text(.backend) == nil && letter.text(.backendCode) == nil && letter.number(.attempts) == 0)
  }

  @Test(arguments: ErrorCode.allCases)
  func theKeyOfADeadLetterLeadsToTheQueueOfItsClass(_ code: ErrorCode) {
    let letter = dead(Self.full(), RequestFailure(code: code))
    #expect(letter.routingKey == code.errorClass.rawValue)
    guard let queue = RequestFailure(code: code).deadLetterQueue else { return }
    let topology = Topology(workQueue: "w", resultsExchange: "r", apiNames: [])
    #expect(
      topology.declarations.contains(.bindQueue(queue: queue, exchange: letter.exchange, routingKey: letter.routingKey))
    )
  }

  // MARK: Lanes

  @Test func aRequestComesBackToItsLane() {
    var bulk = copies
    bulk.queue = "ocr.requests.bulk"
    let sample = Self.full()
    let retry = bulk.retry(
      sample.make(), incoming(sample), pause: RetryPause(covering: .seconds(2)), attempts: 1, now: Self.now)
    #expect(retry.routingKey == "2s.ocr.requests.bulk")
    let letter = bulk.deadLetter(
      sample.make(), incoming(sample), failure: RequestFailure(code: .deadlineExceeded), attempts: 1, now: Self.now)
    #expect(letter.text(.originQueue) == "ocr.requests.bulk")
  }

  /// A request that was set aside is the same when it comes back: publisher, deadline, attempts, origin.
  @Test func whatIsSetAsideStaysTheSameRequest() {
    var sample = Self.full()
    let before = incoming(sample)
    let copy = copies.overflow(sample.make(), before, attempts: 2)
    #expect(copy.exchange == "ocr.retry" && copy.routingKey == "overflow.ocr.requests")
    #expect(copy.properties.expiration == nil, "the deadline is in a header, as nobody but the relay may end it")
    sample = SampleDelivery(copy)
    (sample.exchange, sample.routingKey) = (copy.exchange, copy.routingKey)
    let after = IncomingRequest(reading: sample.make(), now: Self.now + 5_000)
    #expect(after.userID == "alice" && after.attempts == 2 && after.deadline == before.deadline)
    #expect(after.messageID == before.messageID && after.correlationID == before.correlationID)
    #expect(after.replyTarget == before.replyTarget && after.options == before.options && after.rejection == nil)
    #expect(after.originQueue == "ocr.requests" && after.firstFailedAt == nil && after.notBefore == nil)
    let letter = dead(sample, RequestFailure(code: .deadlineExceeded))
    #expect(letter.text(.originExchange) == "ocr.requests" && letter.text(.originQueue) == "ocr.requests")
  }

  /// Only what came through the relay's own exchange is believed to have been set aside.
  @Test func nobodyElseSetsAside() {
    var sample = Self.full()
    sample.header("ocr-origin-queue", "S", SampleDelivery.long(Array("secret".utf8)))
    #expect(incoming(sample).originQueue == nil)
  }
}
