internal import Glibc

/// Decodes `basic.deliver`, the one method that comes with each message.
///
/// It is decoded here because librabbitmq's structures would have to be copied once more, and because texts that are
/// those of the message before, as most are, are shared with it.
struct EnvelopeDecoder {
  private var consumerTag = ""
  private var exchange = ""
  private var routingKey = ""

  /// The envelope in the payload of a method frame, behind the method's number.
  mutating func decode(_ payload: UnsafeRawBufferPointer) throws(ProtocolViolation) -> DeliveryEnvelope {
    var reader = ByteReader(payload)
    guard reader.readUInt32() != nil, let consumerTag = reader.readShortString(), let tag = reader.readUInt64(),
      let bits = reader.readUInt8(), let exchange = reader.readShortString(), let routingKey = reader.readShortString()
    else { throw ProtocolViolation("malformed method \(MethodID.basicDeliver)") }
    Self.keep(&self.consumerTag, consumerTag)
    Self.keep(&self.exchange, exchange)
    Self.keep(&self.routingKey, routingKey)
    return DeliveryEnvelope(
      tag: tag, isRedelivered: bits & 1 != 0, exchange: self.exchange, routingKey: self.routingKey,
      consumerTag: self.consumerTag)
  }

  /// Makes `text` what `bytes` say; bytes that are not UTF-8 are repaired.
  private static func keep(_ text: inout String, _ bytes: UnsafeRawBufferPointer) {
    let isSame = text.withUTF8 { known in
      guard known.count == bytes.count else { return false }
      guard let left = known.baseAddress, let right = bytes.baseAddress else { return true }
      return memcmp(left, right, bytes.count) == 0
    }
    if !isSame { text = String(decoding: bytes, as: UTF8.self) }
  }
}
