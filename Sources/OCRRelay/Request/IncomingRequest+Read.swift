internal import AMQP
internal import EventLoop
internal import OCRContract
internal import RelayCore

extension IncomingRequest {
  /// Longer options are refused: those of every API fit easily, and a copy keeps them under its limit for headers.
  static let maximumOptionsBytes = 4_096
  /// W3C asks for at least 512 characters of `tracestate`; what is longer is left out.
  private static let maximumTraceBytes = 512
  /// Longest text of an AMQP property.
  private static let maximumTextBytes = 255

  /// Reads a delivery's properties; what they get wrong is noted in `rejection`.
  init(reading delivery: Delivery, now: Int64) {
    let properties = delivery.properties
    let headers = properties.hasHeaders ? properties.headers : HeaderTable()
    let isRetry = ExchangeName.isOwn(delivery.envelope.exchange)
    let ownID = Self.fitting(properties.messageID)
    let messageID = ownID ?? Self.deriveID(delivery)
    let outcomeTarget = headers.string(HeaderName.outcomeTo.rawValue).flatMap { try? ReplyTarget(parsing: $0) }
    var problem: RequestRejection?
    let replyTarget = Self.noting(&problem) { () throws(RequestRejection) in try Self.replyTarget(properties) }
    let deadline = Self.noting(&problem) { () throws(RequestRejection) in
      try Self.deadline(properties, headers, now: now)
    }
    let options = Self.noting(&problem) { () throws(RequestRejection) in try Self.options(headers) }
    // All at once: member by member, the whole would be copied when it is complete.
    self.init(
      messageID: messageID,
      isDerivedID: ownID == nil || (isRetry && headers.string(HeaderName.derivedID.rawValue) == ownID),
      correlationID: Self.fitting(properties.correlationID) ?? messageID,
      replyTarget: replyTarget,
      userID: Self.fitting(isRetry ? headers.string(HeaderName.originUser.rawValue) : properties.userID),
      deadline: deadline,
      attempts: isRetry ? headers.count(.attempts) : 0,
      firstFailedAt: isRetry ? headers.integer(.firstFailedAt) : nil,
      originQueue: isRetry ? headers.string(HeaderName.originQueue.rawValue) : nil,
      notBefore: isRetry ? headers.integer(.notBefore).map { max(0, $0) } : nil,
      replayCount: headers.count(.replayCount),
      outcomeTarget: outcomeTarget,
      replayID: outcomeTarget == nil ? nil : Self.fitting(headers.string(HeaderName.replayID.rawValue)),
      traceparent: Self.trace(headers, .traceparent),
      tracestate: Self.trace(headers, .tracestate),
      options: options ?? [],
      receivedAt: now,
      rejection: problem)
  }

  private static func noting<Value>(
    _ problem: inout RequestRejection?, _ read: () throws(RequestRejection) -> Value?
  ) -> Value? {
    do throws(RequestRejection) {
      return try read()
    } catch {
      problem = problem ?? error
      return nil
    }
  }

  private static func replyTarget(_ properties: MessageProperties) throws(RequestRejection) -> ReplyTarget? {
    guard let replyTo = properties.replyTo, !replyTo.isEmpty else { return nil }
    do throws(ReplyTarget.Invalid) {
      return try ReplyTarget(parsing: replyTo)
    } catch {
      throw RequestRejection(.replyInvalid, error.rawValue)
    }
  }

  /// The earlier of `ocr-deadline` and the time to live, which the broker enforces only while the message waits.
  private static func deadline(
    _ properties: MessageProperties, _ headers: HeaderTable, now: Int64
  ) throws(RequestRejection) -> Int64? {
    let deadline = try headerDeadline(headers).map { max(0, $0) }
    guard let timeToLive = properties.expiration.flatMap({ Int64($0) }), timeToLive >= 0 else { return deadline }
    let (end, overflow) = now.addingReportingOverflow(timeToLive)
    return overflow ? deadline : min(deadline ?? end, end)
  }

  private static func headerDeadline(_ headers: HeaderTable) throws(RequestRejection) -> Int64? {
    if let value = headers.integer(.deadline) { return value }
    guard headers.contains(.deadline) else { return nil }
    guard let value = headers.string(HeaderName.deadline.rawValue).flatMap({ Int64($0) }) else {
      throw RequestRejection(.deadlineInvalid, "ocr-deadline is not a number of milliseconds since 1970.")
    }
    return value
  }

  private static func options(_ headers: HeaderTable) throws(RequestRejection) -> [UInt8]? {
    guard let options = headers.data(HeaderName.options.rawValue) else {
      guard headers.contains(.options) else { return nil }
      throw RequestRejection(.optionsInvalid, "ocr-options is not a text; write the JSON object as a string.")
    }
    guard options.count <= maximumOptionsBytes else {
      throw RequestRejection(
        .optionsInvalid, "ocr-options has \(options.count) bytes; at most \(maximumOptionsBytes) are taken.")
    }
    return Array(options)
  }

  private static func trace(_ headers: HeaderTable, _ name: HeaderName) -> String? {
    headers.string(name.rawValue).flatMap { $0.utf8.count <= maximumTraceBytes ? $0 : nil }
  }

  /// The text as replies and copies can carry it, nil when it is empty: bytes that are not UTF-8 grow when repaired.
  private static func fitting(_ text: String?) -> String? {
    text.flatMap { $0.isEmpty ? nil : $0.prefix(utf8Bytes: maximumTextBytes) }
  }

  private static func deriveID(_ delivery: Delivery) -> String {
    let type = delivery.properties.type ?? ""
    let hash = ContentHash()
    hash.update("\(delivery.properties.userID ?? "")\0")
    hash.update("\(type.isEmpty ? delivery.envelope.routingKey : type)\0")
    hash.update(delivery.body.bytes)
    return "derived-" + hash.finish()
  }
}

extension HeaderTable {
  func integer(_ name: HeaderName) -> Int64? { integer(name.rawValue) }

  mutating func append(_ name: HeaderName, _ value: FieldValue) { append(name.rawValue, value) }

  /// Whether there is an entry of any type under the name.
  fileprivate func contains(_ name: HeaderName) -> Bool { !isEmpty && keys.contains(name.rawValue) }

  /// A counter, 0 when it is missing; bounded, so that counting on cannot overflow.
  fileprivate func count(_ name: HeaderName) -> Int { Int(min(max(0, integer(name) ?? 0), 1_000_000)) }
}
