internal import AMQP
internal import EventLoop
internal import Glibc
internal import OCRContract

/// Builds request messages.
enum RequestMessage {
  static func make(
    _ request: OCRRequest, correlationID: String, replyTo: String, queue: String?
  ) -> OutgoingMessage {
    var properties = OutgoingProperties()
    properties.type = request.api
    properties.messageID = request.messageID
    properties.correlationID = correlationID
    properties.replyTo = replyTo
    properties.headers.append(HeaderName.deadline.rawValue, .int64(deadline(after: request.timeout)))
    let bytes: [UInt8]
    switch request.body {
    case .file(let file, let contentType):
      properties.contentType = contentType.rawValue
      bytes = file
      if let options = request.options {
        properties.headers.append(HeaderName.options.rawValue, .string(String(decoding: options, as: UTF8.self)))
      }
    case .json(let json):
      properties.contentType = ContentType.json.rawValue
      bytes = json
    }
    return OutgoingMessage(
      exchange: queue == nil ? ExchangeName.requests : "", routingKey: queue ?? request.api, properties: properties,
      body: .bytes(bytes))
  }

  private static func deadline(after timeout: Duration) -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let now = Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    let (end, overflow) = now.addingReportingOverflow(timeout.saturatingNanoseconds / 1_000_000)
    return overflow ? .max : end
  }
}
