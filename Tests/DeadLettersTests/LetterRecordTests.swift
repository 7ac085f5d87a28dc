import OCRContract
import Testing

@testable import AMQP
@testable import DeadLetters

struct LetterRecordTests {
  @Test func readsWhatARelayWrote() {
    let letter = SampleLetter.record()
    #expect(letter.code == "OCR_IMAGE_DAMAGED")
    #expect(letter.cause == "unsupported_image")
    #expect(letter.message == "The image is cut off.")
    #expect(letter.api == "general-text")
    #expect(letter.user == "scanner")
    #expect(letter.attempts == 2)
    #expect(letter.lastFailedAt == SampleLetter.now - 60_000)
    #expect(
      letter.origin == .init(exchange: "ocr.requests", routingKey: "general-text", queue: "ocr.requests"))
    #expect(letter.backendCode == "AIS.0104")
    #expect(!letter.isFromBroker)
    #expect(letter.name == "m-1")
  }

  /// A publisher may write whatever headers it likes onto a message that then kills its consumers.
  @Test func believesNoHeadersOfALetterThatTheBrokerMoved() {
    let delivery = SampleLetter.delivery(key: "poison") { properties in
      let death = SampleLetter.death(reason: "delivery_limit", time: 1_700_000_000)
      properties.headers = HeaderTable(uncheckedWire: properties.headers.bytes + death)
      properties.userID = "proven"
    }
    let letter = LetterRecord(reading: delivery, queue: "ocr.dead.poison", withFingerprint: true)
    #expect(letter.isFromBroker)
    #expect(letter.code == "OCR_POISON")
    #expect(letter.cause == "poison")
    #expect(letter.user == "proven")
    #expect(letter.origin == .init(exchange: "", routingKey: "ocr.requests", queue: "ocr.requests"))
    #expect(letter.lastFailedAt == 1_700_000_000_000)
    #expect(letter.attempts == 0)
  }

  @Test func believesTheRelaysOwnRetryHeaders() {
    let delivery = SampleLetter.delivery(key: "poison") { properties in
      let death = SampleLetter.death(
        reason: "delivery_limit", exchange: "ocr.retry-in", key: "10s.ocr.requests", time: 1_700_000_000)
      properties.headers = HeaderTable(uncheckedWire: properties.headers.bytes + death)
    }
    let letter = LetterRecord(reading: delivery, queue: "ocr.dead.poison", withFingerprint: true)
    #expect(letter.user == "scanner")
    #expect(letter.origin.exchange == "ocr.requests")
    #expect(letter.origin.routingKey == "general-text")
    #expect(letter.attempts == 2)
  }

  @Test func namesAnOversizedRequest() {
    let delivery = SampleLetter.delivery(key: "poison") { properties in
      properties.headers = HeaderTable(uncheckedWire: SampleLetter.death(reason: "rejected", time: 1_700_000_000))
    }
    let letter = LetterRecord(reading: delivery, queue: "ocr.dead.poison", withFingerprint: false)
    #expect(letter.code == "OCR_BODY_TOO_LARGE")
  }

  @Test func fingerprintsTellFailuresApart() {
    let first = SampleLetter.record().fingerprint
    #expect(first == SampleLetter.record().fingerprint)
    let others = [
      SampleLetter.delivery(body: "{ }"), SampleLetter.delivery { $0.messageID = "m-2" },
      SampleLetter.delivery { $0.correlationID = "c" },
      SampleLetter.delivery { properties in
        properties.headers = properties.headers.filtered { $0 == "ocr-last-failed-at" }
        properties.headers.append(.lastFailedAt, .int64(5))
      },
    ].map { LetterRecord(reading: $0, queue: "ocr.dead.unsupported_image", withFingerprint: true).fingerprint }
    #expect(Set(others + [first]).count == others.count + 1)
    // Putting a letter aside makes no other letter of it.
    let parked = LetterRecord(reading: SampleLetter.delivery(), queue: "ocr.parked", withFingerprint: true)
    #expect(parked.fingerprint == first)
  }

  @Test func idsAreHexadecimal() throws {
    let id = try #require(SampleLetter.record().fingerprint)
    #expect(id.text.utf8.count == 32)
    #expect(LetterID(text: id.text) == id)
    for text in ["", "abc", id.text.uppercased() + "G", "+" + id.text.dropFirst(), id.text + "0"] {
      #expect(LetterID(text: text) == nil)
    }
  }

  @Test func jsonIsStable() throws {
    var letter = SampleLetter.record()
    letter.fingerprint = LetterID(text: "00112233445566778899aabbccddeeff")
    #expect(
      letter.json(file: "1.json") == """
        {"id":"m-1","fingerprint":"00112233445566778899aabbccddeeff","queue":"ocr.dead.unsupported_image",\
        "cause":"unsupported_image","code":"OCR_IMAGE_DAMAGED","message":"The image is cut off.","api":"general-text",\
        "user":"scanner","attempts":2,"first_failed_at_ms":1799999910000,"last_failed_at_ms":1799999940000,\
        "replay_count":0,"history":null,"backend":"huawei","backend_code":"AIS.0104","message_id":"m-1",\
        "correlation_id":null,"reply_to":"ocr.reply.tests","deadline_ms":null,"content_type":"application/json",\
        "bytes":2,"origin_exchange":"ocr.requests","origin_routing_key":"general-text","origin_queue":"ocr.requests",\
        "traceparent":null,"file":"1.json"}
        """)
  }

  /// Headers come from outside: whatever they hold, a letter can be read.
  @Test func survivesAnyHeaders() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    let whole = SampleLetter.delivery { properties in
      let death = SampleLetter.death(reason: "delivery_limit", time: 1_700_000_000)
      properties.headers = HeaderTable(uncheckedWire: properties.headers.bytes + death)
    }.properties.headers.bytes
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      guard let headers = HeaderTable(wire: bytes) else { continue }
      var properties = OutgoingProperties()
      properties.headers = headers
      let delivery = SampleLetter.delivery(body: [], exchange: "ocr.dead", key: "poison", properties)
      let letter = LetterRecord(reading: delivery, queue: "ocr.dead.poison", withFingerprint: true)
      #expect(letter.fingerprint != nil, "seed \(seed)")
    }
  }
}
