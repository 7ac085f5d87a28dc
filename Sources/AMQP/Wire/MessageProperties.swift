/// The properties of a received message, kept as they came and read on demand.
///
/// Most messages are only passed on, so nothing is decoded before somebody asks. librabbitmq's property decoder is not
/// used here because it decodes header tables recursively and without a depth limit.
public struct MessageProperties: Sendable {
  /// Bytes of the content header after the body size: flags and fields.
  @usableFromInline let bytes: [UInt8]
  @usableFromInline let places: PropertyPlaces

  /// Properties without any field.
  public init() {
    bytes = []
    places = PropertyPlaces()
  }

  /// Takes the property part of a content header frame. Nil when it is malformed; headers nested too deeply count as
  /// malformed.
  init?(wire source: UnsafeRawBufferPointer) {
    guard let places = PropertyPlaces(reading: source) else { return nil }
    bytes = Array(source)
    self.places = places
  }

  // MARK: Fields

  /// Calls `body` with the bytes of a short string field, or returns nil when the field is absent.
  @inlinable
  public func withField<Value>(_ field: PropertyField, _ body: (UnsafeRawBufferPointer) -> Value) -> Value? {
    guard let place = places.shortString(field) else { return nil }
    return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[place])) }
  }

  /// The text of a short string field; bytes that are not UTF-8 are repaired.
  public func text(_ field: PropertyField) -> String? {
    withField(field) { String(decoding: $0, as: UTF8.self) }
  }

  /// MIME type of the body.
  public var contentType: String? { text(.contentType) }
  /// Encoding of the body, such as `gzip`.
  public var contentEncoding: String? { text(.contentEncoding) }
  /// Identifier that replies repeat.
  public var correlationID: String? { text(.correlationID) }
  /// Where the publisher wants its answer.
  public var replyTo: String? { text(.replyTo) }
  /// Time to live as text, in milliseconds.
  public var expiration: String? { text(.expiration) }
  /// The publisher's identifier of the message.
  public var messageID: String? { text(.messageID) }
  /// The kind of the message.
  public var type: String? { text(.type) }
  /// The publisher's user name, proven by the broker.
  public var userID: String? { text(.userID) }
  /// The publishing application, as it says.
  public var appID: String? { text(.appID) }
  /// 2 for persistent messages.
  public var deliveryMode: UInt8? { places.deliveryMode }
  /// The message's priority.
  public var priority: UInt8? { places.priority }
  /// Seconds since 1970, as the publisher says.
  public var timestamp: UInt64? { places.timestamp }

  /// Whether there are headers; cheaper than `headers`.
  public var hasHeaders: Bool { !places.headers.isEmpty }

  /// The headers; empty when there are none.
  public var headers: HeaderTable {
    HeaderTable(wire: bytes[places.headers]) ?? HeaderTable()
  }
}
