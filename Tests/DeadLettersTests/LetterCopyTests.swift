import OCRContract
import Testing

@testable import AMQP
@testable import DeadLetters

struct LetterCopyTests {
  private func replay(_ delivery: Delivery) -> OutgoingMessage {
    let letter = LetterRecord(reading: delivery, queue: "ocr.dead.unsupported_image", withFingerprint: true)
    return LetterCopy.replay(delivery, letter, outcomeTo: "amq.gen-1", replayID: "p.l", now: SampleLetter.now)
  }

  @Test func replayIsTheRequestAgain() {
    let message = replay(
      SampleLetter.delivery(body: "{\"a\":1}") { properties in
        properties.headers.append("own-header", .int64(7))
        properties.headers.append("ocr-options", .string("{}"))
        properties.headers.append("x-first-death-queue", .string("q"))
        properties.headers.append("CC", .string("elsewhere"))
        properties.correlationID = "c-1"
      })
    #expect(message.exchange == "ocr.retry-in")
    #expect(message.routingKey == "replay.ocr.requests")
    #expect(message.isMandatory)
    let properties = message.properties
    #expect(properties.type == "general-text")
    #expect(properties.messageID == "m-1")
    #expect(properties.correlationID == "c-1")
    #expect(properties.replyTo == "ocr.reply.tests")
    let headers = properties.headers
    #expect(
      Set(headers.keys) == [
        "own-header", "ocr-options", "ocr-origin-exchange", "ocr-origin-routing-key", "ocr-origin-user",
        "ocr-replay-count", "ocr-history", "ocr-outcome-to", "ocr-replay-id",
      ])
    #expect(headers.string(.originExchange) == "ocr.requests")
    #expect(headers.string(.originRoutingKey) == "general-text")
    #expect(headers.string(.originUser) == "scanner")
    #expect(headers.integer(.replayCount) == 1)
    #expect(headers.string(.history) == "OCR_IMAGE_DAMAGED@\(SampleLetter.now - 60_000)")
    #expect(message.body.count == 7)
  }

  @Test(arguments: [(-1, false), (0, false), (1, true)] as [(Int64, Bool)])
  func aDeadlineThatIsOverDoesNotCount(_ offset: Int64, _ isKept: Bool) {
    let message = replay(
      SampleLetter.delivery { $0.headers.append(.deadline, .int64(SampleLetter.now + offset)) })
    #expect((message.properties.headers.integer(.deadline) != nil) == isKept)
  }

  /// Without a type the routing key names the API, and the routing key of a replay is another one.
  @Test func theAPIIsKept() {
    #expect(replay(SampleLetter.delivery { $0.type = nil }).properties.type == "general-text")
  }

  @Test func historyGrowsToABound() {
    var history = ""
    for number in 0..<30 {
      let letter = SampleLetter.record {
        $0.history = history
        $0.lastFailedAt = Int64(number)
      }
      history = ReplayHistory.adding(letter)
    }
    let entries = history.split(separator: " ")
    #expect(entries.count == ReplayHistory.limit)
    #expect(entries.last == "OCR_IMAGE_DAMAGED@29")
    #expect(entries.first == "OCR_IMAGE_DAMAGED@20")
  }

  @Test func aParkedLetterStaysAsItIs() {
    let delivery = SampleLetter.delivery { $0.headers.append("own-header", .int64(7)) }
    let letter = LetterRecord(reading: delivery, queue: "ocr.dead.unsupported_image", withFingerprint: true)
    let message = LetterCopy.parked(delivery, letter)
    #expect(message.exchange == "" && message.routingKey == "ocr.parked")
    #expect(message.properties.headers.bytes == delivery.properties.headers.bytes)
  }

  @Test func aParkedLetterOfTheBrokerIsExplained() {
    let delivery = SampleLetter.delivery(key: "poison") { properties in
      let death = SampleLetter.death(reason: "delivery_limit", exchange: "own", key: "id-card", time: 1_700_000_000)
      properties.headers = HeaderTable(uncheckedWire: properties.headers.bytes + death)
      properties.userID = "proven"
    }
    let letter = LetterRecord(reading: delivery, queue: "ocr.dead.poison", withFingerprint: true)
    let message = LetterCopy.parked(delivery, letter)
    let again = SampleLetter.delivery(body: Array("{}".utf8), exchange: "", key: "ocr.parked", message.properties)
    var expected = letter
    expected.queue = "ocr.parked"
    expected.isFromBroker = false
    #expect(LetterRecord(reading: again, queue: "ocr.parked", withFingerprint: true) == expected)
  }

  @Test func halfALetterIsNotMoved() {
    #expect(LetterCopy.obstacle(SampleLetter.delivery()) == nil)
    #expect(LetterCopy.obstacle(SampleLetter.delivery(defect: .oversizedBody(size: 9, limit: 8))) != nil)
    #expect(LetterCopy.obstacle(SampleLetter.delivery(defect: .malformedProperties)) != nil)
  }
}
