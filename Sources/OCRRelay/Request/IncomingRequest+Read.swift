internal import AMQP
internal import Crypto
internal import EventLoop
internal import OCRContract
internal import RelayCore

extension IncomingRequest {
  /// Reads a delivery's properties. Throws when the reply target or the deadline cannot be understood.
  init(reading delivery: Delivery, now: Int64) throws(RequestRejection) {
    let properties = delivery.properties
    let headers = properties.hasHeaders ? properties.headers : HeaderTable()
    let isRetry = delivery.envelope.exchange == ExchangeName.retryIn
    userID = isRetry ? headers.string(HeaderName.originUser.rawValue) : properties.userID
    receivedAt = now
    if let id = properties.messageID, !id.isEmpty {
      messageID = id
      isDerivedID = false
    } else {
      messageID = Self.deriveID(delivery)
      isDerivedID = true
    }
    correlationID = properties.correlationID.flatMap { $0.isEmpty ? nil : $0 } ?? messageID
    attempts = isRetry ? Int(clamping: max(0, headers.integer(.attempts) ?? 0)) : 0
    firstFailedAt = isRetry ? headers.integer(.firstFailedAt) : nil
    replayCount = Int(clamping: max(0, headers.integer(.replayCount) ?? 0))
    traceparent = headers.string(HeaderName.traceparent.rawValue)
    tracestate = headers.string(HeaderName.tracestate.rawValue)
    options = headers.data(HeaderName.options.rawValue).map { Array($0) } ?? []
    deadline = try Self.deadline(properties, headers, now: now)
    replyTarget = nil
    guard let replyTo = properties.replyTo, !replyTo.isEmpty else { return }
    do throws(ReplyTarget.Invalid) {
      replyTarget = try ReplyTarget(parsing: replyTo)
    } catch {
      throw RequestRejection(.replyInvalid, error.rawValue)
    }
  }

  /// The earlier of `ocr-deadline` and the time to live, which the broker enforces only while the message waits.
  private static func deadline(
    _ properties: MessageProperties, _ headers: HeaderTable, now: Int64
  ) throws(RequestRejection) -> Int64? {
    var deadline: Int64?
    if let text = headers.string(HeaderName.deadline.rawValue) {
      guard let value = Int64(text) else {
        throw RequestRejection(.deadlineInvalid, "ocr-deadline is not a number of milliseconds since 1970.")
      }
      deadline = value
    } else if let value = headers.integer(.deadline) {
      deadline = value
    }
    guard let timeToLive = properties.expiration.flatMap({ Int64($0) }), timeToLive >= 0 else { return deadline }
    let (end, overflow) = now.addingReportingOverflow(timeToLive)
    return overflow ? deadline : min(deadline ?? end, end)
  }

  private static func deriveID(_ delivery: Delivery) -> String {
    var hash = SHA256()
    hash.update(data: Array((delivery.properties.userID ?? "").utf8))
    hash.update(data: [0])
    hash.update(data: Array((delivery.properties.type ?? delivery.envelope.routingKey).utf8))
    hash.update(data: [0])
    hash.update(bufferPointer: delivery.body.bytes)
    return "derived-" + HexText.encode(hash.finalize().prefix(16))
  }
}

extension HeaderTable {
  func integer(_ name: HeaderName) -> Int64? { integer(name.rawValue) }

  mutating func append(_ name: HeaderName, _ value: FieldValue) { append(name.rawValue, value) }
}
