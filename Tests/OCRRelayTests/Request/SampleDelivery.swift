import EventLoop
import OCRContract

@testable import AMQP

/// A delivery built byte by byte, so that it can hold what no publisher of ours would send.
struct SampleDelivery {
  var texts: [PropertyField: [UInt8]] = [:]
  /// Entries of the header table.
  var headers: [UInt8] = []
  var exchange = "ocr.requests"
  var routingKey = "general-text"
  var body: [UInt8] = Array(#"{"image":"aGVsbG8="}"#.utf8)
  var defect: Delivery.Defect?
  var isRedelivered = false
  var tag: UInt64 = 1

  subscript(field: PropertyField) -> String? {
    get { texts[field].map { String(decoding: $0, as: UTF8.self) } }
    set { texts[field] = newValue.map { Array($0.utf8) } }
  }

  mutating func header(_ name: HeaderName, _ text: String) { header(name.rawValue, "S", Self.long(Array(text.utf8))) }

  mutating func header(_ name: HeaderName, _ number: Int64) { header(name.rawValue, "l", Self.bytes(number)) }

  /// Adds an entry of any kind.
  mutating func header(_ key: String, _ kind: Character, _ value: [UInt8]) {
    headers += Self.short(Array(key.utf8)) + Array(String(kind).utf8) + value
  }

  func make(pool: BufferPool = BufferPool()) -> Delivery {
    let buffer = pool.take(capacity: body.count)
    body.withUnsafeBytes { buffer.append($0) }
    return Delivery(
      id: DeliveryID(epoch: 1, tag: tag),
      envelope: DeliveryEnvelope(
        tag: tag, isRedelivered: isRedelivered, exchange: exchange, routingKey: routingKey, consumerTag: "test"),
      properties: wire.withUnsafeBytes { MessageProperties(wire: $0) } ?? MessageProperties(), body: buffer,
      defect: defect)
  }

  private var wire: [UInt8] {
    var flags: UInt16 = headers.isEmpty ? 0 : 1 << PropertyField.headers.rawValue
    var fields: [UInt8] = []
    for field in PropertyField.allCases.sorted(by: { $0.rawValue > $1.rawValue }) {
      if field == .headers, !headers.isEmpty { fields += Self.long(headers) }
      guard let text = texts[field] else { continue }
      flags |= 1 << field.rawValue
      fields += Self.short(text)
    }
    return Self.bytes(flags) + fields
  }

  static func short(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count)] + bytes }
  static func long(_ bytes: [UInt8]) -> [UInt8] { Self.bytes(UInt32(bytes.count)) + bytes }
  static func bytes(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
}

extension SampleDelivery {
  /// What the broker delivers when `message` has come out of a retry level, or was published anew when `exchange` says so.
  init(_ message: OutgoingMessage, exchange: String = ExchangeName.retryIn) {
    let properties = message.properties
    let all: [(PropertyField, String?)] = [
      (.contentType, properties.contentType), (.contentEncoding, properties.contentEncoding),
      (.correlationID, properties.correlationID), (.replyTo, properties.replyTo),
      (.expiration, properties.expiration), (.messageID, properties.messageID), (.type, properties.type),
      (.userID, properties.userID), (.appID, properties.appID),
    ]
    for (field, text) in all { self[field] = text }
    headers = properties.headers.bytes
    self.exchange = exchange
    routingKey = message.routingKey
    body = message.bytes
  }
}

extension OutgoingMessage {
  /// The body's bytes.
  var bytes: [UInt8] {
    switch body {
    case .bytes(let bytes): bytes
    case .buffer(let buffer): Array(buffer.bytes)
    }
  }

  func text(_ name: HeaderName) -> String? { properties.headers.string(name.rawValue) }
  func number(_ name: HeaderName) -> Int64? { properties.headers.integer(name.rawValue) }
}
