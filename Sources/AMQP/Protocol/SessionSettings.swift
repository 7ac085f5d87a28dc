/// What a session asks of the broker when it logs in.
struct SessionSettings {
  var user: String
  var password: String
  var virtualHost: String
  /// Uses the client certificate's identity instead of user and password (SASL EXTERNAL).
  var usesCertificateIdentity: Bool
  /// Shown in the broker's list of connections.
  var connectionName: String
  /// Seconds without traffic after which a heartbeat is due; the smaller of ours and the broker's applies.
  var heartbeatSeconds: UInt16
  /// The most bytes of a message body that are taken.
  var bodyLimit: Int

  /// RabbitMQ sends headers unsplit, so frames must hold the largest header that a publisher may send.
  static let frameMax: UInt32 = 131_072

  var clientProperties: [String: FieldValue] {
    [
      "product": .string("ocr-relay"),
      "connection_name": .string(connectionName),
      "capabilities": .table([
        "authentication_failure_close": .bool(true),
        "basic.nack": .bool(true),
        "connection.blocked": .bool(true),
        "consumer_cancel_notify": .bool(true),
        "publisher_confirms": .bool(true),
      ]),
    ]
  }
}
