internal import AMQP
internal import OCRContract
internal import RelayCore

/// Builds copies of a request: for a dead-letter queue or a retry level. Body and properties stay as they are; headers
/// that would make the broker route or count wrongly are taken out, and ours are put in.
struct CopyComposer {
  let backendName: String
  /// The queue that the request came in, and comes back to.
  var queue: String

  /// Bytes of the original's headers that may stay; the rest of the 8 KiB is for ours.
  private static let originalHeaderLimit = 6_000
  /// Without these a later attempt, or a replay, would be another request: they are kept first.
  private static let keptFirst: [HeaderName] = [
    .options, .deadline, .traceparent, .tracestate, .outcomeTo, .replayID, .history,
  ]
  private static let maximumTextBytes = 255

  /// The original for the dead-letter queue of its cause.
  func deadLetter(
    _ delivery: Delivery, _ request: IncomingRequest, failure: RequestFailure, attempts: Int, now: Int64
  ) -> OutgoingMessage {
    let origin = origin(delivery)
    let headers = DeadLetterHeaders(
      errorCode: failure.code, errorMessage: failure.detail ?? failure.call?.backend.message ?? failure.code.advice,
      attempts: attempts, firstFailedAt: request.firstFailedAt ?? now, lastFailedAt: now,
      originExchange: origin.exchange, originRoutingKey: origin.routingKey, originQueue: queue,
      backend: failure.call == nil ? nil : backendName, backendCode: failure.call?.backend.code,
      replayCount: request.replayCount, originUser: request.userID)
    var properties = properties(delivery, without: [.outcomeTo, .replayID])
    for field in headers.fields { properties.headers.append(field.name, field.value.field) }
    addTrace(of: request, to: &properties)
    return OutgoingMessage(
      exchange: ExchangeName.dead, routingKey: failure.code.errorClass.rawValue, properties: properties,
      body: .buffer(delivery.body))
  }

  /// The original for a retry level.
  func retry(
    _ delivery: Delivery, _ request: IncomingRequest, pause: RetryPause, attempts: Int, now: Int64
  ) -> OutgoingMessage {
    var properties = propertiesToComeBack(delivery, request, attempts: attempts)
    properties.headers.append(.firstFailedAt, .int64(request.firstFailedAt ?? now))
    if let wait = pause.atLeast { properties.headers.append(.notBefore, .int64(now + Int64(wait.wholeMilliseconds))) }
    return OutgoingMessage(
      exchange: ExchangeName.retry, routingKey: "\(level(pause, request, now: now).routingKey).\(queue)",
      properties: properties,
      body: .buffer(delivery.body))
  }

  /// The original for the overflow queue, where it waits until others leave it a call.
  func overflow(_ delivery: Delivery, _ request: IncomingRequest, attempts: Int) -> OutgoingMessage {
    var properties = propertiesToComeBack(delivery, request, attempts: attempts)
    if let failedAt = request.firstFailedAt { properties.headers.append(.firstFailedAt, .int64(failedAt)) }
    properties.headers.append(.originQueue, .string(queue))
    return OutgoingMessage(
      exchange: ExchangeName.retry, routingKey: "\(Topology.overflowKey).\(queue)", properties: properties,
      body: .buffer(delivery.body))
  }

  /// Properties with which a relay takes the message for the same request again.
  private func propertiesToComeBack(
    _ delivery: Delivery, _ request: IncomingRequest, attempts: Int
  ) -> OutgoingProperties {
    let origin = origin(delivery)
    var properties = properties(delivery, without: [.deadline])
    properties.messageID = request.messageID
    // The routing key names the level from here on, so the API must stand in the type.
    if properties.type?.isEmpty ?? true { properties.type = origin.routingKey }
    properties.headers.append(.attempts, .int64(Int64(attempts)))
    properties.headers.append(.originExchange, .string(origin.exchange))
    properties.headers.append(.originRoutingKey, .string(origin.routingKey))
    if request.replayCount > 0 { properties.headers.append(.replayCount, .int64(Int64(request.replayCount))) }
    if let deadline = request.deadline { properties.headers.append(.deadline, .int64(deadline)) }
    if let user = request.userID { properties.headers.append(.originUser, .string(user)) }
    if request.isDerivedID { properties.headers.append(.derivedID, .string(request.messageID)) }
    addTrace(of: request, to: &properties)
    return properties
  }

  /// A trace that the relay itself began goes on with the copy; one of the publisher's is in its headers already.
  private func addTrace(of request: IncomingRequest, to properties: inout OutgoingProperties) {
    guard let context = request.traceparent, properties.headers.string(HeaderName.traceparent.rawValue) == nil else {
      return
    }
    properties.headers.append(.traceparent, .string(context))
  }

  /// The level of the pause, or a shorter one that ends soon after the deadline: its answer is due then.
  private func level(_ pause: RetryPause, _ request: IncomingRequest, now: Int64) -> RetryLevel {
    guard let deadline = request.deadline else { return pause.level }
    return min(pause.level, .covering(.milliseconds(max(0, deadline - now))))
  }

  private func properties(_ delivery: Delivery, without removed: [HeaderName]) -> OutgoingProperties {
    var properties = OutgoingProperties(copying: delivery.properties)
    // A dead copy stays until somebody looks at it, and a level has a time to live of its own.
    properties.expiration = nil
    properties.headers = Self.limited(
      properties.headers.filtered { key in
        Self.isRemoved(key) || removed.contains { $0.rawValue == key }
      })
    Self.fit(&properties)
    return properties
  }

  private static func limited(_ headers: HeaderTable) -> HeaderTable {
    guard headers.encodedSize > originalHeaderLimit else { return headers }
    var bytes: [UInt8] = []
    for name in keptFirst {
      bytes += headers.filtered { $0 != name.rawValue }.limited(to: originalHeaderLimit - bytes.count).bytes
    }
    let others = headers.filtered { key in keptFirst.contains { $0.rawValue == key } }
    bytes += others.limited(to: originalHeaderLimit - bytes.count).bytes
    return HeaderTable(wire: bytes) ?? HeaderTable()
  }

  /// Cuts texts to what AMQP carries: bytes that are not UTF-8 grow when they are repaired.
  private static func fit(_ properties: inout OutgoingProperties) {
    let fields: [WritableKeyPath<OutgoingProperties, String?>] = [
      \.contentType, \.contentEncoding, \.correlationID, \.replyTo, \.messageID, \.type, \.appID,
    ]
    for field in fields { properties[keyPath: field] = properties[keyPath: field].map { fitting($0) } }
  }

  private static func fitting(_ text: String) -> String { text.prefix(utf8Bytes: maximumTextBytes) }

  /// Where the request was first published; a retry has come through our own exchange since.
  private func origin(_ delivery: Delivery) -> (exchange: String, routingKey: String) {
    var (exchange, routingKey) = (delivery.envelope.exchange, delivery.envelope.routingKey)
    if ExchangeName.isOwn(exchange), delivery.properties.hasHeaders {
      let headers = delivery.properties.headers
      exchange = headers.string(HeaderName.originExchange.rawValue) ?? exchange
      routingKey = headers.string(HeaderName.originRoutingKey.rawValue) ?? routingKey
    }
    return (Self.fitting(exchange), Self.fitting(routingKey))
  }

  /// The broker's own headers, those that make it route copies, and ours of an earlier round.
  private static func isRemoved(_ key: String) -> Bool {
    switch key {
    case "CC", "BCC": true
    case HeaderName.options.rawValue, HeaderName.deadline.rawValue, HeaderName.history.rawValue,
      HeaderName.outcomeTo.rawValue, HeaderName.replayID.rawValue:
      false
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
