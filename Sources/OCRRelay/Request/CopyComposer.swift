internal import AMQP
internal import OCRContract
internal import RelayCore

/// Builds copies of a request: for a dead-letter queue or a retry level. Body and properties stay as they are; headers
/// that would make the broker route or count wrongly are taken out, and ours are put in.
struct CopyComposer {
  let backendName: String
  let queue: String

  /// Headers of the original that may stay; the rest of the 8 KiB is for ours.
  private static let originalHeaderLimit = 5_000

  /// The original for the dead-letter queue of its cause.
  func deadLetter(
    _ delivery: Delivery, _ request: IncomingRequest?, failure: RequestFailure, attempts: Int, now: Int64
  ) -> OutgoingMessage {
    let origin = origin(delivery)
    let headers = DeadLetterHeaders(
      errorCode: failure.code, errorMessage: failure.detail ?? failure.call?.backend.message ?? failure.code.advice,
      attempts: attempts, firstFailedAt: request?.firstFailedAt ?? now, lastFailedAt: now,
      originExchange: origin.exchange, originRoutingKey: origin.routingKey, originQueue: queue,
      backend: failure.call == nil ? nil : backendName, backendCode: failure.call?.backend.code,
      replayCount: request?.replayCount ?? 0)
    var properties = properties(delivery, without: [])
    for field in headers.fields { properties.headers.append(field.name, field.value.field) }
    return OutgoingMessage(
      exchange: ExchangeName.dead, routingKey: failure.code.errorClass.rawValue, properties: properties,
      body: .buffer(delivery.body))
  }

  /// The original for a retry level.
  func retry(
    _ delivery: Delivery, _ request: IncomingRequest, level: RetryLevel, attempts: Int, now: Int64
  ) -> OutgoingMessage {
    let origin = origin(delivery)
    var properties = properties(delivery, without: [.deadline])
    properties.messageID = request.messageID
    // The routing key names the level from here on, so the API must stand in the type.
    properties.type = properties.type ?? origin.routingKey
    // The level's queue has a time to live of its own; the request's must not shorten it, so it becomes a deadline.
    properties.expiration = nil
    properties.headers.append(.attempts, .int64(Int64(attempts)))
    properties.headers.append(.firstFailedAt, .int64(request.firstFailedAt ?? now))
    properties.headers.append(.originExchange, .string(origin.exchange))
    properties.headers.append(.originRoutingKey, .string(origin.routingKey))
    if request.replayCount > 0 { properties.headers.append(.replayCount, .int64(Int64(request.replayCount))) }
    if let deadline = request.deadline { properties.headers.append(.deadline, .int64(deadline)) }
    if let user = request.userID { properties.headers.append(.originUser, .string(user)) }
    return OutgoingMessage(
      exchange: ExchangeName.retry, routingKey: "\(level.routingKey).\(queue)", properties: properties,
      body: .buffer(delivery.body))
  }

  private func properties(_ delivery: Delivery, without removed: [HeaderName]) -> OutgoingProperties {
    var properties = OutgoingProperties(copying: delivery.properties)
    properties.headers = properties.headers
      .filtered { key in Self.isRemoved(key) || removed.contains { $0.rawValue == key } }
      .limited(to: Self.originalHeaderLimit)
    return properties
  }

  /// Where the request was first published; a retry has come through our own exchange since.
  private func origin(_ delivery: Delivery) -> (exchange: String, routingKey: String) {
    let envelope = delivery.envelope
    guard envelope.exchange == ExchangeName.retryIn, delivery.properties.hasHeaders else {
      return (envelope.exchange, envelope.routingKey)
    }
    let headers = delivery.properties.headers
    return (
      headers.string(HeaderName.originExchange.rawValue) ?? envelope.exchange,
      headers.string(HeaderName.originRoutingKey.rawValue) ?? envelope.routingKey
    )
  }

  /// The broker's own headers, those that make it route copies, and ours of an earlier round.
  private static func isRemoved(_ key: String) -> Bool {
    switch key {
    case "CC", "BCC": true
    case HeaderName.options.rawValue, HeaderName.deadline.rawValue: false
    default: key.hasPrefix("x-") || (key.hasPrefix("ocr-") && HeaderName(rawValue: key) != nil)
    }
  }
}

extension DeadLetterHeaders.Value {
  fileprivate var field: FieldValue {
    switch self {
    case .text(let text): .string(text)
    case .integer(let number): .int64(number)
    }
  }
}
