internal import AMQP
internal import OCRContract

/// Builds the messages that leave a dead-letter queue. Body and properties stay as they are; headers with which the
/// broker would route or count wrongly are taken out.
enum LetterCopy {
  /// Why a letter cannot be copied; nil when it can. Half a letter must not take the place of a whole one.
  static func obstacle(_ delivery: Delivery) -> String? {
    switch delivery.defect {
    case .malformedProperties: "its properties cannot be read"
    case .oversizedBody(let size, _): "its body of \(size) bytes is too large to be fetched"
    case nil: nil
    }
  }

  /// The letter for the queue of those put aside; one that the broker had moved gets an explanation of its own.
  static func parked(_ delivery: Delivery, _ letter: LetterRecord) -> OutgoingMessage {
    var properties = OutgoingProperties(copying: delivery.properties)
    properties.headers = properties.headers.filtered { key in
      isForBroker(key) || (letter.isFromBroker && isOurs(key) && !isPartOfRequest(key))
    }
    if letter.isFromBroker { appendExplanation(letter, to: &properties.headers) }
    return OutgoingMessage(
      exchange: "", routingKey: QueueName.parked, properties: properties, body: .buffer(delivery.body))
  }

  /// The request as it was before its first failure, for the queue it came from.
  ///
  /// It takes the way of retries: through the exchange on which relays believe what a message says about its origin and
  /// its proven publisher. Queues that others have bound to the origin exchange do not get it a second time.
  static func replay(
    _ delivery: Delivery, _ letter: LetterRecord, outcomeTo queue: String?, replayID: String, now: Int64
  ) -> OutgoingMessage {
    var properties = OutgoingProperties(copying: delivery.properties)
    let isLate = letter.deadline.map { $0 <= now } ?? false
    properties.headers = properties.headers.filtered { key in
      isForBroker(key) || (isOurs(key) && !isPartOfRequest(key)) || (isLate && key == HeaderName.deadline.rawValue)
    }
    // The routing key names the API no more.
    if properties.type?.isEmpty ?? true { properties.type = letter.api }
    properties.headers.append(.originExchange, .string(letter.origin.exchange))
    properties.headers.append(.originRoutingKey, .string(letter.origin.routingKey))
    if let user = letter.user { properties.headers.append(.originUser, .string(user)) }
    properties.headers.append(.replayCount, .int64(Int64(letter.replayCount.addingClamped(1))))
    properties.headers.append(.history, .string(ReplayHistory.adding(letter)))
    if let queue { properties.headers.append(.outcomeTo, .string(queue)) }
    properties.headers.append(.replayID, .string(replayID))
    return OutgoingMessage(
      exchange: ExchangeName.retryIn, routingKey: "replay.\(letter.origin.queue)", properties: properties,
      body: .buffer(delivery.body))
  }

  private static func appendExplanation(_ letter: LetterRecord, to headers: inout HeaderTable) {
    headers.append(.errorCode, .string(letter.code))
    headers.append(.errorClass, .string(letter.cause))
    headers.append(.errorMessage, .string(letter.message ?? ""))
    headers.append(.attempts, .int64(Int64(letter.attempts)))
    headers.append(.firstFailedAt, .int64(letter.firstFailedAt ?? 0))
    headers.append(.lastFailedAt, .int64(letter.lastFailedAt ?? 0))
    headers.append(.originExchange, .string(letter.origin.exchange))
    headers.append(.originRoutingKey, .string(letter.origin.routingKey))
    headers.append(.originQueue, .string(letter.origin.queue))
    headers.append(.replayCount, .int64(Int64(letter.replayCount)))
    if let user = letter.user { headers.append(.originUser, .string(user)) }
  }

  /// The broker's own headers, and those that make it route further copies.
  private static func isForBroker(_ key: String) -> Bool { key == "CC" || key == "BCC" || key.hasPrefix("x-") }

  private static func isOurs(_ key: String) -> Bool { HeaderName(rawValue: key) != nil }

  private static func isPartOfRequest(_ key: String) -> Bool {
    switch HeaderName(rawValue: key) {
    case .options, .deadline, .traceparent, .tracestate: true
    default: false
    }
  }
}

extension HeaderTable {
  mutating func append(_ name: HeaderName, _ value: FieldValue) { append(name.rawValue, value) }
}

extension Int {
  func addingClamped(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
