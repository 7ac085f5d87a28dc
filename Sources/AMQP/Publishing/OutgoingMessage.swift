public import EventLoop

/// A message to publish.
///
/// An object that does not change, because it is kept until it is confirmed, by several: each copy of so many members
/// would count the references of all its texts.
///
/// Isolation: not `Sendable`, because its body may belong to the loop's buffer pool.
public final class OutgoingMessage {
  /// The exchange; empty for the default exchange.
  public let exchange: String
  /// The routing key; with the default exchange, the queue's name.
  public let routingKey: String
  /// Whether the broker returns the message when no queue takes it.
  public let isMandatory: Bool
  /// Its properties.
  public let properties: OutgoingProperties
  /// Its body.
  public let body: Body

  /// The bytes of a message.
  public enum Body {
    /// Bytes of our own making.
    case bytes([UInt8])
    /// Bytes that were received and are passed on in place.
    case buffer(PooledBuffer)

    func withBytes(_ use: (UnsafeRawBufferPointer) -> Void) {
      switch self {
      case .bytes(let bytes): bytes.withUnsafeBytes(use)
      case .buffer(let buffer): use(buffer.bytes)
      }
    }

    /// Its length in bytes.
    public var count: Int {
      switch self {
      case .bytes(let bytes): bytes.count
      case .buffer(let buffer): buffer.count
      }
    }
  }

  /// A message.
  public init(
    exchange: String, routingKey: String, isMandatory: Bool = true, properties: OutgoingProperties, body: Body
  ) {
    self.exchange = exchange
    self.routingKey = routingKey
    self.isMandatory = isMandatory
    self.properties = properties
    self.body = body
  }

  /// What makes the message impossible to send, if anything: a text over 255 bytes, or headers that leave too little
  /// of a frame (the broker never splits a header and adds some of its own).
  public var defect: String? {
    if exchange.utf8.count > 255 { return "the exchange name is longer than 255 bytes" }
    if routingKey.utf8.count > 255 { return "the routing key is longer than 255 bytes" }
    if let field = properties.oversizedField { return "the property \(field) is longer than 255 bytes" }
    if properties.headers.encodedSize > Self.headerLimit {
      return "the headers are larger than \(Self.headerLimit) bytes"
    }
    return nil
  }

  /// The most bytes of headers that are sent: a frame less room for what the broker adds.
  public static let headerLimit = Int(SessionSettings.frameMax) - 20_000
}
