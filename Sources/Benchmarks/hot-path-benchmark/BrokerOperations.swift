import EventLoop

@testable import AMQP

/// From the broker's bytes to messages, and back.
enum BrokerOperations {
  static func all() -> [Operation] {
    [
      receive("delivery of 1 KB, bytes to message", Bodies.address, most: 3),
      receive("delivery of 1 MB in nine frames", Bodies.picture(size: 1 << 20), most: 3),
      confirm(), readProperties(), publish(), buildHeaders(), settle(),
    ]
  }

  private static func openSession() -> Session {
    let session = Session(
      settings: SessionSettings(
        user: "guest", password: "guest", virtualHost: "/", usesCertificateIdentity: false,
        connectionName: "benchmark", heartbeatSeconds: 15, bodyLimit: 12 << 20), pool: BufferPool())
    session.start()
    WireBytes.handshake.withUnsafeBytes { session.receive($0) }
    precondition(session.state == .open, "the handshake ended in state \(session.state)")
    session.outputWasSent(session.output.count)
    return session
  }

  private static func receive(_ name: String, _ body: [UInt8], most: Int) -> Operation {
    let session = openSession()
    let bytes = WireBytes.delivery(body)
    var received = 0
    session.onDelivery = { received += $0.body.count }
    return Operation(name: name, mostAllocations: most) {
      received = 0
      bytes.withUnsafeBytes { session.receive($0) }
      precondition(received == body.count)
    }
  }

  private static func confirm() -> Operation {
    let session = openSession()
    let bytes = WireBytes.confirm(17)
    return Operation(name: "confirm of the broker", mostAllocations: 0) {
      bytes.withUnsafeBytes { session.receive($0) }
    }
  }

  private static func readProperties() -> Operation {
    var properties = MessageProperties()
    let session = openSession()
    session.onDelivery = { properties = $0.properties }
    WireBytes.delivery(Bodies.address).withUnsafeBytes { session.receive($0) }
    precondition(properties.replyTo == "ocr.reply.orders")
    return Operation(name: "three properties of it, as texts", mostAllocations: 3) {
      precondition(properties.messageID != nil && properties.correlationID != nil && properties.replyTo != nil)
    }
  }

  private static func publish() -> Operation {
    let session = openSession()
    var properties = OutgoingProperties()
    properties.contentType = "application/json"
    properties.correlationID = "request-000000000017"
    properties.messageID = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    properties.headers = headers()
    let message = OutgoingMessage(
      exchange: "", routingKey: "ocr.reply.orders", properties: properties, body: .bytes(Bodies.address))
    return Operation(name: "reply of 1 KB and its acknowledgement, to bytes", mostAllocations: 0) {
      session.publish(message)
      session.ack(tag: 17, multiple: false)
      session.outputWasSent(session.output.count)
    }
  }

  private static func headers() -> HeaderTable {
    var headers = HeaderTable()
    headers.reserveCapacity(384)
    headers.append("ocr-api", .string("general-text"))
    headers.append("ocr-attempts", .int64(1))
    headers.append("ocr-backend", .string("huawei"))
    headers.append("ocr-billed", .string("yes"))
    headers.append("ocr-duration-ms", .int64(217))
    headers.append("ocr-request-id", .string("0123456789abcdef0123456789abcdef"))
    return headers
  }

  private static func buildHeaders() -> Operation {
    Operation(name: "headers of a reply", mostAllocations: 1) { precondition(!headers().isEmpty) }
  }

  /// Fifty deliveries that end in another order than they came, as one turn of the loop settles them.
  private static func settle() -> Operation {
    var ledger = DeliveryLedger()
    var tag: UInt64 = 0
    return Operation(name: "fifty deliveries settled, every fifth late", mostAllocations: 0) {
      for offset in 1...50 as ClosedRange<UInt64> { precondition(ledger.deliver(tag + offset)) }
      for offset in 1...50 as ClosedRange<UInt64> where offset % 5 != 0 { precondition(ledger.ack(tag + offset)) }
      ledger.flush { _, _ in }
      for offset in stride(from: 5 as UInt64, through: 50, by: 5) { precondition(ledger.ack(tag + offset)) }
      ledger.flush { _, _ in }
      tag += 50
    }
  }
}
