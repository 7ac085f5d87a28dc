import EventLoop
import OCRContract

@testable import AMQP
@testable import DeadLetters

/// Letters for tests.
enum SampleLetter {
  static let now: Int64 = 1_800_000_000_000

  static func record(_ change: (inout LetterRecord) -> Void = { _ in }) -> LetterRecord {
    var record = LetterRecord(reading: delivery(), queue: "ocr.dead.unsupported_image", withFingerprint: true)
    change(&record)
    return record
  }

  /// A dead copy as a relay makes it.
  static func delivery(
    body: String = "{}", exchange: String = "ocr.dead", key: String = "unsupported_image", tag: UInt64 = 1,
    defect: Delivery.Defect? = nil, _ change: (inout OutgoingProperties) -> Void = { _ in }
  ) -> Delivery {
    var properties = OutgoingProperties()
    properties.type = "general-text"
    properties.contentType = "application/json"
    properties.messageID = "m-1"
    properties.replyTo = "ocr.reply.tests"
    let headers = DeadLetterHeaders(
      errorCode: .imageDamaged, errorMessage: "The image is cut off.", attempts: 2, firstFailedAt: now - 90_000,
      lastFailedAt: now - 60_000, originExchange: "ocr.requests", originRoutingKey: "general-text",
      originQueue: "ocr.requests", backend: "huawei", backendCode: "AIS.0104", originUser: "scanner")
    for field in headers.fields {
      switch field.value {
      case .text(let text): properties.headers.append(field.name, .string(text))
      case .integer(let number): properties.headers.append(field.name, .int64(number))
      }
    }
    change(&properties)
    return delivery(body: Array(body.utf8), exchange: exchange, key: key, tag: tag, defect: defect, properties)
  }

  static func delivery(
    body: [UInt8], exchange: String, key: String, tag: UInt64 = 1, defect: Delivery.Defect? = nil,
    _ properties: OutgoingProperties
  ) -> Delivery {
    let buffer = BufferPool().take(capacity: body.count)
    body.withUnsafeBytes { buffer.append($0) }
    return Delivery(
      id: DeliveryID(epoch: 1, tag: tag),
      envelope: DeliveryEnvelope(
        tag: tag, isRedelivered: false, exchange: exchange, routingKey: key, consumerTag: "tests"),
      properties: received(properties), body: buffer, defect: defect)
  }

  /// The properties as they arrive at the other end.
  static func received(_ properties: OutgoingProperties) -> MessageProperties {
    let buffer = BufferPool().take(capacity: 1_024)
    FrameWriter(buffer: buffer).content(
      properties, body: UnsafeRawBufferPointer(start: nil, count: 0), channel: 1, frameMax: 131_072)
    // Behind type, channel and size of the frame come class, weight and body size; before its end, one byte.
    let wire = UnsafeRawBufferPointer(rebasing: buffer.bytes[(7 + 12)..<(buffer.count - 1)])
    return MessageProperties(wire: wire) ?? MessageProperties()
  }

  /// `x-death` as the broker writes it: a list of tables, the latest first.
  static func death(
    reason: String, queue: String = "ocr.requests", exchange: String = "", key: String = "ocr.requests", time: UInt64
  ) -> [UInt8] {
    var table: [UInt8] = []
    FieldEncoder.append(key: "reason", value: .string(reason), to: &table)
    FieldEncoder.append(key: "queue", value: .string(queue), to: &table)
    FieldEncoder.append(key: "exchange", value: .string(exchange), to: &table)
    let keyItem = [UInt8(ascii: "S")] + big(UInt32(key.utf8.count)) + Array(key.utf8)
    table += name("routing-keys") + [UInt8(ascii: "A")] + big(UInt32(keyItem.count)) + keyItem
    table += name("time") + [UInt8(ascii: "T")] + big(time)
    let item = [UInt8(ascii: "F")] + big(UInt32(table.count)) + table
    return name("x-death") + [UInt8(ascii: "A")] + big(UInt32(item.count)) + item
  }

  private static func name(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }

  private static func big<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }
}
