internal import AMQP
internal import OCRContract
internal import RelayCore

/// Builds answers: results, typed errors, and parked copies of answers that nobody takes.
struct ReplyComposer {
  private static let maximumRequestIDBytes = 255
  /// What the headers of a reply with trace context take.
  private static let usualHeaderBytes = 384

  let backendName: String
  let resultsExchange: String
  private let hash = ContentHash()

  /// The OCR service's own body, byte for byte.
  func result(_ request: IncomingRequest, api: String, call: CallRecord, body: OutgoingMessage.Body) -> OutgoingMessage
  {
    var headers = self.headers(request, api: api, attempts: call.attempts, billed: .yes)
    headers.append(.durationMilliseconds, .int64(call.milliseconds))
    if let id = call.requestID { append(id, to: &headers) }
    let id = replyID(request, outcome: "result")
    return message(
      request, api: api, isResult: true,
      properties(request, type: MessageType.result, contentType: .json, id: id, headers), body)
  }

  /// A typed error; `milliseconds` is what the last call took, if there was one.
  func problem(
    _ request: IncomingRequest, api: String?, failure: RequestFailure, attempts: Int, milliseconds: Int64? = nil
  ) -> OutgoingMessage {
    let backend = failure.call?.backend
    var headers = self.headers(request, api: api, attempts: attempts, billed: backend?.billed ?? .no)
    if let milliseconds { headers.append(.durationMilliseconds, .int64(milliseconds)) }
    if let id = backend?.requestID { append(id, to: &headers) }
    let id = replyID(request, outcome: failure.code.rawValue)
    let body = problem(failure, attempts: attempts, instance: id)
    return message(
      request, api: api, isResult: false,
      properties(request, type: MessageType.error, contentType: .problem, id: id, headers), .bytes(body.encoded()))
  }

  /// The same answer for the queue of answers that nobody takes; it keeps where it should have gone.
  func parked(_ answer: OutgoingMessage) -> OutgoingMessage {
    var properties = answer.properties
    properties.isPersistent = true
    properties.headers.append(.originExchange, .string(answer.exchange))
    properties.headers.append(.originRoutingKey, .string(answer.routingKey))
    return OutgoingMessage(
      exchange: ExchangeName.unroutable, routingKey: "", properties: properties, body: answer.body)
  }

  private func problem(_ failure: RequestFailure, attempts: Int, instance: String?) -> Problem {
    let instance = instance.map { "urn:ocr:reply:" + $0 }
    guard let call = failure.call else {
      return Problem(
        code: failure.code, detail: failure.detail, instance: instance, attempts: attempts,
        deadLetter: failure.deadLetterQueue)
    }
    return call.problem(
      backendName: backendName, attempts: attempts, instance: instance, deadLetter: failure.deadLetterQueue)
  }

  private func properties(
    _ request: IncomingRequest, type: String, contentType: ContentType, id: String, _ headers: HeaderTable
  ) -> OutgoingProperties {
    var isDirect = false
    if case .directReplyTo = request.replyTarget { isDirect = true }
    return OutgoingProperties(
      type: type, contentType: contentType.rawValue, correlationID: request.correlationID, messageID: id,
      headers: headers, isPersistent: !isDirect)
  }

  private func headers(_ request: IncomingRequest, api: String?, attempts: Int, billed: Billed) -> HeaderTable {
    var headers = HeaderTable()
    headers.reserveCapacity(Self.usualHeaderBytes)
    if let api { headers.append(.api, .string(api)) }
    headers.append(.attempts, .int64(Int64(attempts)))
    headers.append(.backend, .string(backendName))
    headers.append(.billed, .string(billed.rawValue))
    if request.isDerivedID { headers.append(.derivedID, .string(request.messageID)) }
    if let traceparent = request.traceparent { headers.append(.traceparent, .string(traceparent)) }
    if let tracestate = request.tracestate { headers.append(.tracestate, .string(tracestate)) }
    return headers
  }

  private func append(_ requestID: String, to headers: inout HeaderTable) {
    headers.append(.requestID, .string(requestID.prefix(utf8Bytes: Self.maximumRequestIDBytes)))
  }

  /// The same for every attempt at the same outcome, so that receivers can drop repeated answers.
  private func replyID(_ request: IncomingRequest, outcome: String) -> String {
    if let userID = request.userID { hash.update(userID) }
    hash.update("\0")
    hash.update(request.messageID)
    hash.update("\0")
    hash.update(outcome)
    return hash.finish()
  }

  private func message(
    _ request: IncomingRequest, api: String?, isResult: Bool, _ properties: consuming OutgoingProperties,
    _ body: OutgoingMessage.Body
  ) -> OutgoingMessage {
    let (exchange, key, isMandatory) = address(request, api: api, isResult: isResult)
    return OutgoingMessage(
      exchange: exchange, routingKey: key, isMandatory: isMandatory, properties: properties, body: body)
  }

  /// Direct reply-to is never mandatory: brokers before 4.2 return such messages even when they are delivered.
  private func address(_ request: IncomingRequest, api: String?, isResult: Bool) -> (String, String, Bool) {
    switch request.replyTarget {
    case .directReplyTo(let name): ("", name, false)
    case .queue(let name): ("", name, true)
    case .exchange(let exchange, let routingKey): (exchange, routingKey, true)
    case nil: (resultsExchange, "\(api ?? "unknown").\(isResult ? "ok" : "error")", true)
    }
  }
}
