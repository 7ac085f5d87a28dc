/// The properties of a message to publish.
public struct OutgoingProperties: Sendable, Hashable {
  /// MIME type of the body.
  public var contentType: String?
  /// Encoding of the body.
  public var contentEncoding: String?
  /// Headers; an empty table is left out.
  public var headers = HeaderTable()
  /// Whether the broker writes the message to disk (delivery mode 2).
  public var isPersistent = true
  /// 0 to 255.
  public var priority: UInt8?
  /// Identifier that a reply repeats.
  public var correlationID: String?
  /// Where the answer goes.
  public var replyTo: String?
  /// Time to live as text, in milliseconds.
  public var expiration: String?
  /// Identifier of the message.
  public var messageID: String?
  /// Seconds since 1970.
  public var timestamp: UInt64?
  /// The kind of the message.
  public var type: String?
  /// User name; the broker closes the channel when it is not the connection's own.
  public var userID: String?
  /// The publishing application.
  public var appID: String?

  /// Persistent, nothing else.
  public init() {}

  /// What an answer tells. Made at once and not field by field: a variable of so many texts would be copied once more.
  public init(
    type: String, contentType: String, correlationID: String, messageID: String, headers: HeaderTable,
    isPersistent: Bool
  ) {
    self.type = type
    self.contentType = contentType
    self.correlationID = correlationID
    self.messageID = messageID
    self.headers = headers
    self.isPersistent = isPersistent
  }

  /// The properties of a received message, for a copy of it. `user_id` is left out: it belongs to another connection.
  public init(copying properties: MessageProperties) {
    contentType = properties.contentType
    contentEncoding = properties.contentEncoding
    headers = properties.headers
    isPersistent = true
    priority = properties.priority
    correlationID = properties.correlationID
    replyTo = properties.replyTo
    expiration = properties.expiration
    messageID = properties.messageID
    timestamp = properties.timestamp
    type = properties.type
    appID = properties.appID
  }

  /// The first field that is longer than AMQP's 255 bytes, if any.
  var oversizedField: PropertyField? {
    // Written out: a list to search would be an allocation for each message.
    if Self.isOversized(contentType) { return .contentType }
    if Self.isOversized(contentEncoding) { return .contentEncoding }
    if Self.isOversized(correlationID) { return .correlationID }
    if Self.isOversized(replyTo) { return .replyTo }
    if Self.isOversized(expiration) { return .expiration }
    if Self.isOversized(messageID) { return .messageID }
    if Self.isOversized(type) { return .type }
    if Self.isOversized(userID) { return .userID }
    return Self.isOversized(appID) ? .appID : nil
  }

  private static func isOversized(_ text: String?) -> Bool { (text?.utf8.count ?? 0) > 255 }
}
