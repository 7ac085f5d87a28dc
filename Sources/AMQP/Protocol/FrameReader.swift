/// Cuts the broker's byte stream into frames.
///
/// Frames that lie whole in the received bytes are handed on in place; a small frame that is split over two reads is
/// put together first. Body frames are handed on in pieces as they arrive, so a body is copied once at most: from the
/// receive buffer to its own memory. What a connection reads straight into the body is only counted here.
///
/// A class, because what handles a frame may change `frameMax` (`connection.tune` does) while the reader is at work.
///
/// Isolation: not `Sendable`; belongs to its session.
final class FrameReader {
  /// A frame, or a piece of a body frame; the payload is valid during the call that hands it over.
  struct Frame {
    var type: UInt8
    var channel: UInt16
    var payload: UnsafeRawBufferPointer
  }

  /// The largest frame that was agreed on with the broker, in bytes.
  var frameMax: Int
  private var partial: [UInt8] = []
  private var body: BodyFrame?

  /// A body frame whose payload or end octet is still to come.
  private struct BodyFrame {
    var channel: UInt16
    var remaining: Int
  }

  private struct Header {
    var type: UInt8
    var channel: UInt16
    var payloadSize: Int
    var frameSize: Int { payloadSize + FrameWriter.overhead }
  }

  private static let headerSize = 7

  /// RabbitMQ sends a content header in one frame whatever was agreed on, and adds its own entries to what a publisher
  /// sent in the largest frame. Such a header must not end the connection: it would come again on the next one.
  private static let largestContentHeader = 1 << 20

  init(frameMax: Int) {
    self.frameMax = frameMax
  }

  /// Takes the next bytes of the stream and calls `handle` for each frame that is now complete.
  func receive(
    _ bytes: UnsafeRawBufferPointer, _ handle: (Frame) throws(ProtocolViolation) -> Void
  ) throws(ProtocolViolation) {
    var rest = bytes
    while !rest.isEmpty {
      if body != nil {
        try streamBody(&rest, handle)
      } else if !partial.isEmpty {
        try completePartial(&rest, handle)
      } else {
        try readFrame(&rest, handle)
      }
    }
  }

  /// How many bytes of a body frame on `channel` come next; 0 when something else does.
  func bodyBytesNext(on channel: UInt16) -> Int {
    guard let body, body.channel == channel else { return 0 }
    return body.remaining
  }

  /// Counts bytes of the stream that went straight into the body: at most ``bodyBytesNext(on:)``.
  func skipBody(_ count: Int) {
    precondition(count <= body?.remaining ?? 0, "FrameReader.skipBody: more than the rest of the frame")
    body?.remaining -= count
  }

  private func readFrame(
    _ rest: inout UnsafeRawBufferPointer, _ handle: (Frame) throws(ProtocolViolation) -> Void
  ) throws(ProtocolViolation) {
    guard let header = try header(of: rest) else { return keep(&rest) }
    if header.type == FrameWriter.bodyFrame {
      body = BodyFrame(channel: header.channel, remaining: header.payloadSize)
      return rest.removeFirst(bytes: Self.headerSize)
    }
    guard header.frameSize <= rest.count else { return keep(&rest) }
    try handle(frame(header, UnsafeRawBufferPointer(rebasing: rest[..<header.frameSize])))
    rest.removeFirst(bytes: header.frameSize)
  }

  private func keep(_ rest: inout UnsafeRawBufferPointer) {
    partial.append(contentsOf: rest)
    rest.removeFirst(bytes: rest.count)
  }

  private func streamBody(
    _ rest: inout UnsafeRawBufferPointer, _ handle: (Frame) throws(ProtocolViolation) -> Void
  ) throws(ProtocolViolation) {
    guard var current = body else { return }
    let count = min(current.remaining, rest.count)
    if count > 0 {
      let piece = UnsafeRawBufferPointer(rebasing: rest[..<count])
      try handle(Frame(type: FrameWriter.bodyFrame, channel: current.channel, payload: piece))
      rest.removeFirst(bytes: count)
      current.remaining -= count
    }
    guard current.remaining == 0, let end = rest.first else {
      body = current
      return
    }
    guard end == FrameWriter.frameEnd else { throw ProtocolViolation("body frame without end octet") }
    rest.removeFirst(bytes: 1)
    body = nil
  }

  /// Adds to the frame that an earlier call began, and hands it on once it is whole.
  private func completePartial(
    _ rest: inout UnsafeRawBufferPointer, _ handle: (Frame) throws(ProtocolViolation) -> Void
  ) throws(ProtocolViolation) {
    take(&rest, until: Self.headerSize)
    guard let header = try partialHeader() else { return }
    if header.type == FrameWriter.bodyFrame {
      body = BodyFrame(channel: header.channel, remaining: header.payloadSize)
      return partial.removeAll(keepingCapacity: true)
    }
    take(&rest, until: header.frameSize)
    guard partial.count == header.frameSize else { return }
    var whole: [UInt8] = []
    swap(&whole, &partial)
    try whole.withBytes { bytes throws(ProtocolViolation) in try handle(frame(header, bytes)) }
  }

  private func take(_ rest: inout UnsafeRawBufferPointer, until count: Int) {
    let missing = min(max(count - partial.count, 0), rest.count)
    partial.append(contentsOf: rest[..<missing])
    rest.removeFirst(bytes: missing)
  }

  private func partialHeader() throws(ProtocolViolation) -> Header? {
    try partial.withBytes { bytes throws(ProtocolViolation) in try header(of: bytes) }
  }

  private func header(of bytes: UnsafeRawBufferPointer) throws(ProtocolViolation) -> Header? {
    guard bytes.count >= Self.headerSize else { return nil }
    let size = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 3, as: UInt32.self))
    let header = Header(
      type: bytes[0], channel: UInt16(bytes[1]) << 8 | UInt16(bytes[2]), payloadSize: Int(size))
    let limit = header.type == FrameWriter.headerFrame ? max(frameMax, Self.largestContentHeader) : frameMax
    guard header.frameSize <= limit else {
      throw ProtocolViolation("frame of \(header.frameSize) bytes, agreed were at most \(frameMax)")
    }
    return header
  }

  private func frame(_ header: Header, _ bytes: UnsafeRawBufferPointer) throws(ProtocolViolation) -> Frame {
    guard bytes.last == FrameWriter.frameEnd else { throw ProtocolViolation("frame without end octet") }
    return Frame(
      type: header.type, channel: header.channel,
      payload: UnsafeRawBufferPointer(rebasing: bytes[Self.headerSize..<bytes.count - 1]))
  }
}

extension UnsafeRawBufferPointer {
  /// Drops the first `count` bytes from the view.
  fileprivate mutating func removeFirst(bytes count: Int) {
    self = UnsafeRawBufferPointer(rebasing: self[count...])
  }
}

extension [UInt8] {
  /// `withUnsafeBytes` that keeps the type of the error.
  fileprivate func withBytes<Value>(
    _ use: (UnsafeRawBufferPointer) throws(ProtocolViolation) -> Value
  ) throws(ProtocolViolation) -> Value {
    let result: Result<Value, ProtocolViolation> = withUnsafeBytes { bytes in
      do throws(ProtocolViolation) { return .success(try use(bytes)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
