internal import AMQP
internal import EventLoop
internal import OCRContract

/// Reads answers.
enum ReplyMessage {
  static func read(_ delivery: Delivery) -> Result<OCRReply, OCRClientError> {
    if case .oversizedBody(let size, let limit) = delivery.defect {
      return .failure(.unreadableReply("it has \(size) bytes, allowed are \(limit)"))
    }
    let body = Array(delivery.body.bytes)
    switch delivery.properties.type {
    case MessageType.result:
      let headers = delivery.properties.headers
      return .success(
        .result(
          OCRResult(
            body: body, messageID: delivery.properties.messageID, api: headers.string(HeaderName.api.rawValue),
            attempts: headers.integer(HeaderName.attempts.rawValue).map { Int(clamping: $0) },
            requestID: headers.string(HeaderName.requestID.rawValue))))
    case MessageType.error:
      guard let problem = try? Problem(decoding: body) else {
        return .failure(.unreadableReply("its body is no problem document"))
      }
      return .success(.error(problem))
    case let type: return .failure(.unreadableReply("its type is \(type ?? "missing")"))
    }
  }
}
