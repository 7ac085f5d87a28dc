import EventLoop
import OCRContract
import RelayCore
import Testing

@testable import AMQP
@testable import OCRRelay

struct IncomingRequestTests {
  private static let now: Int64 = 1_800_000_000_000

  private func read(_ sample: SampleDelivery) -> IncomingRequest {
    IncomingRequest(reading: sample.make(), now: Self.now)
  }

  @Test func aBareRequestHasDefaults() {
    let request = read(SampleDelivery())
    #expect(request.isDerivedID && request.messageID.hasPrefix("derived-") && request.messageID.utf8.count == 40)
    #expect(request.correlationID == request.messageID)
    #expect(request.replyTarget == nil && request.userID == nil && request.deadline == nil)
    #expect(request.attempts == 0 && request.replayCount == 0 && request.firstFailedAt == nil)
    #expect(request.options.isEmpty && request.traceparent == nil && request.tracestate == nil)
    #expect(request.rejection == nil && request.receivedAt == Self.now && request.notBefore == nil)
  }

  @Test func everyPropertyIsRead() {
    var sample = SampleDelivery()
    sample[.messageID] = "m-1"
    sample[.correlationID] = "c-1"
    sample[.replyTo] = "ocr.reply.me"
    sample[.userID] = "alice"
    sample.header(.deadline, 1_800_000_005_000)
    sample.header(.options, #"{"detect_direction":true}"#)
    sample.header(.traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    sample.header(.tracestate, "vendor=1")
    sample.header(.replayCount, 2)
    let request = read(sample)
    #expect(request.messageID == "m-1" && !request.isDerivedID && request.correlationID == "c-1")
    #expect(request.replyTarget == .queue("ocr.reply.me") && request.userID == "alice")
    #expect(request.deadline == 1_800_000_005_000 && request.replayCount == 2)
    #expect(request.options == Array(#"{"detect_direction":true}"#.utf8))
    #expect(request.traceparent?.hasPrefix("00-") == true && request.tracestate == "vendor=1")
    #expect(request.rejection == nil)
  }

  // MARK: Identity

  @Test func theDerivedIDNamesUserAPIAndBody() {
    let base = SampleDelivery()
    var (same, user, type, key, body, twin) = (base, base, base, base, base, base)
    same[.correlationID] = "other"
    user[.userID] = "alice"
    type[.type] = "web-image"
    key.routingKey = "web-image"
    body.body.append(UInt8(ascii: " "))
    twin[.type] = ""
    let id = read(base).messageID
    #expect(read(same).messageID == id && read(twin).messageID == id, "an empty type is none")
    let others = [user, type, body].map { read($0).messageID }
    #expect(Set(others + [id]).count == 4)
    #expect(read(key).messageID == read(type).messageID, "the API counts, wherever it is named")
  }

  @Test(arguments: [(nil, "m"), ("", "m"), ("c", "c")] as [(String?, String)])
  func theCorrelationFallsBackToTheID(_ correlation: String?, _ expected: String) {
    var sample = SampleDelivery()
    sample[.messageID] = "m"
    sample[.correlationID] = correlation
    #expect(read(sample).correlationID == expected)
  }

  @Test func textsThatAreNotUTF8StillFitIntoAProperty() {
    var sample = SampleDelivery()
    for field in [PropertyField.messageID, .correlationID, .userID] {
      sample.texts[field] = Array(repeating: 0xFF, count: 255)
    }
    let request = read(sample)
    for text in [request.messageID, request.correlationID, request.userID ?? ""] {
      #expect(text.utf8.count == 255 && text.unicodeScalars.allSatisfy { $0 == "\u{FFFD}" })
    }
  }

  // MARK: What only our own exchange may say

  @Test(arguments: ["ocr.requests", "", "ocr.requests.other", "OCR.RETRY-IN", "ocr.dead"])
  func forgedCountersAreIgnored(_ exchange: String) {
    var sample = SampleDelivery()
    sample.exchange = exchange
    sample[.userID] = "alice"
    sample[.messageID] = "m"
    sample.header(.attempts, 99)
    sample.header(.firstFailedAt, 1)
    sample.header(.originUser, "bob")
    sample.header(.notBefore, Self.now + 1_000_000)
    sample.header(.derivedID, "m")
    let request = read(sample)
    #expect(request.attempts == 0 && request.firstFailedAt == nil && request.notBefore == nil)
    #expect(request.userID == "alice" && !request.isDerivedID)
  }

  @Test(arguments: [(3, 3), (0, 0), (-5, 0), (.min, 0), (.max, 1_000_000)] as [(Int64, Int)])
  func countersOfARetryAreBounded(_ sent: Int64, _ expected: Int) {
    var sample = SampleDelivery()
    sample.exchange = ExchangeName.retryIn
    sample.header(.attempts, sent)
    sample.header(.replayCount, sent)
    let request = read(sample)
    #expect(request.attempts == expected && request.replayCount == expected)
    var machine = RequestMachine(attempts: request.attempts, policy: RetryPolicy())
    _ = machine.accepted()
    _ = machine.tokenArrived(TokenGeneration(number: 1), deadlinePassed: false)
    _ = machine.permitArrived(deadlinePassed: false)
    #expect(machine.called(.success) == .publishResult, "counting on does not overflow")
  }

  @Test func aRetryWithoutTheUserHeaderHasNoUser() {
    var sample = SampleDelivery()
    sample.exchange = ExchangeName.retryIn
    sample[.userID] = "relay"
    #expect(read(sample).userID == nil, "the property names the relay's own user there")
  }

  @Test(
    arguments: [
      (nil, nil, nil), (-1, nil, nil), (0, nil, nil), (5_000, nil, 5), (5_000, 6_000, 5), (5_000, -1, nil),
      (5_000, 0, nil), (86_400_000, nil, 86_400),
    ] as [(Int64?, Int64?, Int?)])
  func aRetryWaitsForItsTime(_ notBefore: Int64?, _ deadline: Int64?, _ seconds: Int?) {
    var sample = SampleDelivery()
    sample.exchange = ExchangeName.retryIn
    if let notBefore { sample.header(.notBefore, Self.now + notBefore) }
    if let deadline { sample.header(.deadline, Self.now + deadline) }
    #expect(read(sample).remainingWait(at: Self.now) == seconds.map { .seconds($0) })
  }

  // MARK: Deadline

  @Test(
    arguments: [
      (nil, nil, nil), (5_000, nil, 5_000), (nil, "7000", 7_000), (5_000, "7000", 5_000), (9_000, "7000", 7_000),
      (nil, "-1", nil), (nil, "soon", nil), (nil, "9223372036854775807", nil), (4_000, "9223372036854775807", 4_000),
      (nil, "0", 0), (-1_000, nil, -1_000),
    ] as [(Int64?, String?, Int64?)])
  func theEarlierOfDeadlineAndExpiration(_ deadline: Int64?, _ expiration: String?, _ expected: Int64?) {
    for isText in [false, true] {
      var sample = SampleDelivery()
      sample[.expiration] = expiration
      if let deadline, isText { sample.header(.deadline, "\(Self.now + deadline)") }
      if let deadline, !isText { sample.header(.deadline, Self.now + deadline) }
      let request = read(sample)
      #expect(request.deadline == expected.map { Self.now + $0 })
      #expect(request.rejection == nil)
    }
  }

  @Test(arguments: [Int64.min, -1, 0])
  func aDeadlineBefore1970HasPassed(_ deadline: Int64) {
    var sample = SampleDelivery()
    sample.header(.deadline, deadline)
    #expect(read(sample).deadline == 0)
  }

  @Test(arguments: ["soon", "", "1.5", "99999999999999999999", "2026-01-01"])
  func anUnreadableDeadlineIsRefused(_ text: String) {
    var sample = SampleDelivery()
    sample[.messageID] = "m"
    sample[.replyTo] = "ocr.reply.me"
    sample.header(.deadline, text)
    let request = read(sample)
    #expect(request.rejection?.code == .deadlineInvalid)
    #expect(request.messageID == "m" && request.replyTarget == .queue("ocr.reply.me"), "it can be answered")
  }

  @Test func aDeadlineOfAnotherTypeIsRefused() {
    var sample = SampleDelivery()
    sample.header("ocr-deadline", "d", SampleDelivery.bytes(Double(1e12).bitPattern))
    #expect(read(sample).rejection?.code == .deadlineInvalid)
  }

  // MARK: Options, trace context, reply target

  @Test(arguments: [(4_096, true), (4_097, false)])
  func optionsAreBounded(_ count: Int, _ isTaken: Bool) {
    var sample = SampleDelivery()
    sample.header("ocr-options", "x", SampleDelivery.long(Array(repeating: UInt8(ascii: " "), count: count)))
    let request = read(sample)
    #expect(request.options.count == (isTaken ? count : 0))
    #expect(request.rejection?.code == (isTaken ? nil : .optionsInvalid))
  }

  @Test func optionsAsATableAreRefusedInsteadOfIgnored() {
    var sample = SampleDelivery()
    sample.header("ocr-options", "F", SampleDelivery.long([]))
    #expect(read(sample).rejection?.code == .optionsInvalid)
  }

  @Test func longTraceContextIsLeftOut() {
    var sample = SampleDelivery()
    sample.header(.traceparent, String(repeating: "a", count: 100_000))
    sample.header(.tracestate, String(repeating: "b", count: 512))
    let request = read(sample)
    #expect(request.traceparent == nil && request.tracestate?.utf8.count == 512)
  }

  @Test(arguments: ["/key", "amq.rabbitmq.reply-to", "a\u{0}b", "\u{202E}queue"])
  func anInvalidReplyTargetIsRefused(_ replyTo: String) {
    var sample = SampleDelivery()
    sample[.replyTo] = replyTo
    let request = read(sample)
    #expect(request.rejection?.code == .replyInvalid && request.replyTarget == nil)
  }

  @Test func anEmptyReplyTargetIsNone() {
    var sample = SampleDelivery()
    sample[.replyTo] = ""
    #expect(read(sample).replyTarget == nil && read(sample).rejection == nil)
  }
}
