internal import AMQP
internal import EventLoop
internal import OCRContract

extension LetterRecord {
  /// Reads what a delivery from a dead-letter queue says about itself. Nothing in it is believed blindly: a letter that
  /// the broker moved carries whatever headers its publisher wrote.
  init(reading delivery: Delivery, queue: String, withFingerprint: Bool) {
    let properties = delivery.properties
    let headers = properties.hasHeaders ? properties.headers : HeaderTable()
    let death = headers.firstTable(in: "x-death")
    self.queue = queue
    isFromBroker = death != nil
    messageID = properties.messageID
    correlationID = properties.correlationID
    contentType = properties.contentType
    replyTo = properties.replyTo
    bytes = Self.size(of: delivery)
    deliveryCount = Int(clamping: headers.integer("x-delivery-count") ?? 0)
    replayCount = headers.count(.replayCount)
    history = headers.string(.history)
    deadline = headers.integer(.deadline)
    traceparent = headers.string(.traceparent)
    otherHeaders = headers.keys.filter { !$0.hasPrefix("x-") && HeaderName(rawValue: $0) == nil }
    api = properties.type
    attempts = 0
    if let death {
      (cause, code, message) = Self.explanation(of: death)
      lastFailedAt = death.integer("time").map { $0.multipliedReportingOverflow(by: 1_000).partialValue }
      firstFailedAt = lastFailedAt
      origin = Self.origin(of: death)
      // Headers of a message on its way through the relay's own levels are the relay's.
      let isRetry = death.string("exchange").map(ExchangeName.isOwn) ?? false
      user = isRetry ? headers.string(.originUser) : properties.userID
      if isRetry {
        attempts = headers.count(.attempts)
        origin.exchange = headers.string(.originExchange) ?? origin.exchange
        origin.routingKey = headers.string(.originRoutingKey) ?? origin.routingKey
        origin.queue = headers.string(.originQueue) ?? origin.queue
      }
    } else {
      cause = headers.string(.errorClass) ?? Self.cause(of: queue)
      code = headers.string(.errorCode) ?? "unknown"
      message = headers.string(.errorMessage)
      attempts = headers.count(.attempts)
      firstFailedAt = headers.integer(.firstFailedAt)
      lastFailedAt = headers.integer(.lastFailedAt)
      backend = headers.string(.backend)
      backendCode = headers.string(.backendCode)
      user = headers.string(.originUser)
      origin = Origin(
        exchange: headers.string(.originExchange) ?? "", routingKey: headers.string(.originRoutingKey) ?? "",
        queue: headers.string(.originQueue) ?? QueueName.requests)
    }
    if api?.isEmpty ?? true { api = Self.api(of: origin) }
    if withFingerprint { fingerprint = makeFingerprint(delivery) }
  }

  /// A message that was delivered too often, or one that a relay rejected because it keeps no body of that size.
  private static func explanation(of death: HeaderTable) -> (cause: String, code: String, message: String) {
    let isRejected = death.string("reason") == "rejected"
    let code = isRejected ? ErrorCode.bodyTooLarge : ErrorCode.poison
    return (ErrorClass.poison.rawValue, code.rawValue, code.advice)
  }

  private static func origin(of death: HeaderTable) -> Origin {
    Origin(
      exchange: death.string("exchange") ?? "", routingKey: death.firstString(in: "routing-keys") ?? "",
      queue: death.string("queue") ?? QueueName.requests)
  }

  private static func cause(of queue: String) -> String {
    queue.hasPrefix(QueueName.deadPrefix) ? String(queue.dropFirst(QueueName.deadPrefix.count)) : "unknown"
  }

  /// The routing key names the API when the type does not; a message that went straight to the queue names none.
  private static func api(of origin: Origin) -> String? {
    let isDirect = origin.exchange.isEmpty || origin.routingKey.isEmpty || ExchangeName.isOwn(origin.exchange)
    return isDirect ? nil : origin.routingKey
  }

  private static func size(of delivery: Delivery) -> Int {
    if case .oversizedBody(let size, _) = delivery.defect { return Int(clamping: size) }
    return delivery.body.count
  }

  private func makeFingerprint(_ delivery: Delivery) -> LetterID {
    LetterID(
      of: [
        messageID ?? "", correlationID ?? "", api ?? "", user ?? "", code, String(lastFailedAt ?? 0),
        String(replayCount), String(bytes),
      ], body: delivery.body.bytes)
  }
}

extension HeaderTable {
  func string(_ name: HeaderName) -> String? { string(name.rawValue) }
  func integer(_ name: HeaderName) -> Int64? { integer(name.rawValue) }
  func count(_ name: HeaderName) -> Int { max(0, Int(clamping: integer(name.rawValue) ?? 0)) }
}
