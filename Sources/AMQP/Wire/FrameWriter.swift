internal import EventLoop

/// Builds frames at the end of an output buffer.
struct FrameWriter {
  static let frameEnd: UInt8 = 0xCE
  static let methodFrame: UInt8 = 1
  static let headerFrame: UInt8 = 2
  static let bodyFrame: UInt8 = 3
  static let heartbeatFrame: UInt8 = 8
  /// Frame type, channel, size and end octet.
  static let overhead = 8

  let buffer: PooledBuffer

  func append<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
    buffer.append(bigEndian: number)
  }

  /// A length octet and the text, which the caller has checked to be at most 255 bytes.
  func appendShortString(_ text: String) {
    text.withBytes { utf8 in
      append(UInt8(utf8.count))
      buffer.append(utf8)
    }
  }

  /// Writes a frame around what `payload` appends.
  func frame(_ type: UInt8, channel: UInt16, _ payload: () -> Void) {
    append(type)
    append(channel)
    let sizeOffset = buffer.count
    append(UInt32(0))
    payload()
    let size = UInt32(buffer.count - sizeOffset - 4)
    buffer.overwrite(at: sizeOffset, with: size.bigEndian)
    append(Self.frameEnd)
  }

  /// The frame of `basic.publish`. Written here and not by librabbitmq, whose structures take copies of the texts.
  func publish(exchange: String, routingKey: String, isMandatory: Bool, channel: UInt16) {
    frame(Self.methodFrame, channel: channel) {
      append(MethodID.basicPublish.rawValue)
      append(UInt16(0))
      appendShortString(exchange)
      appendShortString(routingKey)
      append(UInt8(isMandatory ? 1 : 0))
    }
  }

  /// The content header and body frames of a message.
  func content(_ properties: OutgoingProperties, body: UnsafeRawBufferPointer, channel: UInt16, frameMax: Int) {
    frame(Self.headerFrame, channel: channel) {
      append(UInt16(60))
      append(UInt16(0))
      append(UInt64(body.count))
      append(properties)
    }
    let largest = frameMax - Self.overhead
    var start = 0
    while start < body.count {
      let end = min(start + largest, body.count)
      frame(Self.bodyFrame, channel: channel) {
        buffer.append(UnsafeRawBufferPointer(rebasing: body[start..<end]))
      }
      start = end
    }
  }

  private func append(_ properties: OutgoingProperties) {
    let flagsOffset = buffer.count
    var flags: UInt16 = 0
    append(flags)
    func text(_ field: PropertyField, _ value: String?) {
      guard let value else { return }
      flags |= 1 << field.rawValue
      appendShortString(value)
    }
    text(.contentType, properties.contentType)
    text(.contentEncoding, properties.contentEncoding)
    if !properties.headers.isEmpty {
      flags |= 1 << PropertyField.headers.rawValue
      append(UInt32(properties.headers.encodedSize))
      properties.headers.bytes.withUnsafeBytes { buffer.append($0) }
    }
    flags |= 1 << PropertyField.deliveryMode.rawValue
    append(UInt8(properties.isPersistent ? 2 : 1))
    if let priority = properties.priority {
      flags |= 1 << PropertyField.priority.rawValue
      append(priority)
    }
    text(.correlationID, properties.correlationID)
    text(.replyTo, properties.replyTo)
    text(.expiration, properties.expiration)
    text(.messageID, properties.messageID)
    if let timestamp = properties.timestamp {
      flags |= 1 << PropertyField.timestamp.rawValue
      append(timestamp)
    }
    text(.type, properties.type)
    text(.userID, properties.userID)
    text(.appID, properties.appID)
    buffer.overwrite(at: flagsOffset, with: flags.bigEndian)
  }
}
