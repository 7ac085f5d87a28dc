/// The properties of a received message, kept as they came and read on demand.
///
/// Most messages are only passed on, so nothing is decoded before somebody asks. librabbitmq's property decoder is not
/// used here because it decodes header tables recursively and without a depth limit.
public struct MessageProperties: Sendable {
  /// Bytes of the content header after the body size: flags and fields.
  private let bytes: [UInt8]
  private let flags: UInt16
  /// Offset << 8 | length of each short string field by its flag bit; 0 when absent.
  private var shortStrings = InlineArray<16, UInt32>(repeating: 0)
  private var headerRange = 0..<0
  private var fixed = Fixed()

  private struct Fixed {
    var deliveryMode: UInt8?
    var priority: UInt8?
    var timestamp: UInt64?
  }

  /// Properties without any field.
  public init() {
    bytes = []
    flags = 0
  }

  /// Takes the property part of a content header frame. Nil when it is malformed; headers nested too deeply count as
  /// malformed.
  init?(wire source: UnsafeRawBufferPointer) {
    bytes = Array(source)
    var reader = ByteReader(source)
    guard let flags = reader.readUInt16(), flags & 1 == 0 else { return nil }
    self.flags = flags
    guard read(&reader), reader.remaining == 0 else { return nil }
    guard headersAreWellFormed else { return nil }
  }

  private var headersAreWellFormed: Bool {
    guard !headerRange.isEmpty else { return true }
    return bytes.withUnsafeBytes { HeaderTable.isWellFormed(UnsafeRawBufferPointer(rebasing: $0[headerRange])) }
  }

  private mutating func read(_ reader: inout ByteReader) -> Bool {
    for bit in stride(from: 15, through: 2, by: -1) where flags & (1 << bit) != 0 {
      guard readField(bit, &reader) else { return false }
    }
    return true
  }

  private mutating func readField(_ bit: Int, _ reader: inout ByteReader) -> Bool {
    switch PropertyField(rawValue: bit) {
    case .headers:
      guard let length = reader.readUInt32(), let start = reader.skip(Int(length)) else { return false }
      headerRange = start..<start + Int(length)
    case .deliveryMode:
      fixed.deliveryMode = reader.readUInt8()
      return fixed.deliveryMode != nil
    case .priority:
      fixed.priority = reader.readUInt8()
      return fixed.priority != nil
    case .timestamp:
      fixed.timestamp = reader.readUInt64()
      return fixed.timestamp != nil
    case nil: return false
    default:
      guard let length = reader.readUInt8(), let start = reader.skip(Int(length)) else { return false }
      shortStrings[bit] = UInt32(start) << 8 | UInt32(length)
    }
    return true
  }

  // MARK: Fields

  /// Calls `body` with the bytes of a short string field, or returns nil when the field is absent.
  public func withField<Value>(_ field: PropertyField, _ body: (UnsafeRawBufferPointer) -> Value) -> Value? {
    guard flags & (1 << field.rawValue) != 0 else { return nil }
    let place = shortStrings[field.rawValue]
    let start = Int(place >> 8)
    return bytes.withUnsafeBytes { all in
      body(UnsafeRawBufferPointer(rebasing: all[start..<start + Int(place & 0xFF)]))
    }
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
  public var deliveryMode: UInt8? { fixed.deliveryMode }
  /// The message's priority.
  public var priority: UInt8? { fixed.priority }
  /// Seconds since 1970, as the publisher says.
  public var timestamp: UInt64? { fixed.timestamp }

  /// Whether there are headers; cheaper than `headers`.
  public var hasHeaders: Bool { !headerRange.isEmpty }

  /// The headers; empty when there are none.
  public var headers: HeaderTable {
    HeaderTable(wire: bytes[headerRange]) ?? HeaderTable()
  }
}
