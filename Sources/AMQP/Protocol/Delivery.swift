public import EventLoop

/// Names one delivery for good: tags start again at 1 with each connection, so a tag alone could settle the wrong
/// message after a reconnection.
public struct DeliveryID: Sendable, Hashable {
  /// Which connection of the consumer it came over, counted from 1.
  public var epoch: UInt32
  /// The broker's number of the delivery on that connection's channel.
  public var tag: UInt64

  /// Names a delivery.
  public init(epoch: UInt32, tag: UInt64) {
    self.epoch = epoch
    self.tag = tag
  }
}

/// A message as the broker delivered it.
///
/// An object, because it goes far: each copy of so many members would count the references of all its texts.
///
/// Isolation: not `Sendable`, because the body belongs to the loop's buffer pool.
public final class Delivery {
  /// What to settle it by.
  public internal(set) var id: DeliveryID
  /// Where it comes from.
  public let envelope: DeliveryEnvelope
  /// Its properties; empty when they are malformed.
  public let properties: MessageProperties
  /// Its body; empty when it is larger than the connection's limit. Whoever needs it no more can put an empty one in its
  /// place.
  public var body: PooledBuffer
  /// What the broker should not have passed on, if anything: the message cannot be used, the connection can.
  public let defect: Defect?

  /// Why a delivered message is unusable.
  public enum Defect: Sendable, Hashable {
    /// Properties or headers break the wire format or are nested too deeply.
    case malformedProperties
    /// The body is larger than the connection takes; its bytes were skipped.
    case oversizedBody(size: UInt64, limit: Int)
  }

  init(
    id: DeliveryID, envelope: DeliveryEnvelope, properties: MessageProperties, body: PooledBuffer, defect: Defect?
  ) {
    self.id = id
    self.envelope = envelope
    self.properties = properties
    self.body = body
    self.defect = defect
  }
}
