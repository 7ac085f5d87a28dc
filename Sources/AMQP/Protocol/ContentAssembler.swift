internal import EventLoop

/// Puts a message together from its method, content header and body frames.
///
/// Memory for the body is taken when the header arrives and only up to the limit; a larger body is skipped, so that
/// neither a huge declared size nor a huge body can exhaust memory.
struct ContentAssembler {
  /// What the message is for: decides which event its completion makes.
  enum Purpose {
    case delivery(DeliveryEnvelope)
    case get(DeliveryEnvelope, messageCount: UInt32)
    case returned(ReturnReason)
  }

  /// A complete message.
  struct Content {
    var purpose: Purpose
    var properties: MessageProperties
    var body: PooledBuffer
    var defect: Delivery.Defect?
  }

  let bodyLimit: Int
  private var state = State.idle

  private enum State {
    case idle
    case awaitingHeader(Purpose)
    case body(Content, remaining: UInt64)
  }

  init(bodyLimit: Int) {
    self.bodyLimit = bodyLimit
  }

  var isIdle: Bool {
    if case .idle = state { true } else { false }
  }

  mutating func begin(_ purpose: Purpose) throws(ProtocolViolation) {
    guard isIdle else { throw ProtocolViolation("a message began inside another one") }
    state = .awaitingHeader(purpose)
  }

  /// Takes a content header frame; returns the message when it has no body.
  mutating func header(
    _ payload: UnsafeRawBufferPointer, pool: BufferPool
  ) throws(ProtocolViolation) -> Content? {
    guard case .awaitingHeader(let purpose) = state else { throw ProtocolViolation("unexpected content header") }
    var reader = ByteReader(payload)
    guard reader.readUInt16() == 60, reader.readUInt16() != nil, let size = reader.readUInt64() else {
      throw ProtocolViolation("malformed content header")
    }
    let fits = size <= UInt64(bodyLimit)
    let properties = MessageProperties(wire: UnsafeRawBufferPointer(rebasing: payload[reader.position...]))
    var defect: Delivery.Defect?
    if properties == nil { defect = .malformedProperties }
    if !fits { defect = .oversizedBody(size: size, limit: bodyLimit) }
    let content = Content(
      purpose: purpose, properties: properties ?? MessageProperties(), body: pool.take(capacity: fits ? Int(size) : 0),
      defect: defect)
    return finish(content, remaining: size)
  }

  /// Takes a piece of the body; returns the message when it is complete.
  mutating func body(_ piece: UnsafeRawBufferPointer) throws(ProtocolViolation) -> Content? {
    guard case .body(let content, let remaining) = state, UInt64(piece.count) <= remaining else {
      throw ProtocolViolation("unexpected body frame")
    }
    if case .oversizedBody = content.defect {} else { content.body.append(piece) }
    return finish(content, remaining: remaining - UInt64(piece.count))
  }

  /// Where the next bytes of the body belong, when a body is kept at all: at most as many as are still to come.
  var room: UnsafeMutableRawBufferPointer? {
    guard case .body(let content, let remaining) = state else { return nil }
    if case .oversizedBody = content.defect { return nil }
    let room = content.body.room
    return UnsafeMutableRawBufferPointer(rebasing: room[..<min(room.count, Int(clamping: remaining))])
  }

  /// Counts bytes that were written to the start of ``room``; returns the message when it is complete.
  mutating func roomFilled(_ count: Int) -> Content? {
    guard case .body(let content, let remaining) = state, count <= remaining else {
      preconditionFailure("ContentAssembler.roomFilled: no body has room for \(count) bytes")
    }
    content.body.commit(count)
    return finish(content, remaining: remaining - UInt64(count))
  }

  private mutating func finish(_ content: Content, remaining: UInt64) -> Content? {
    guard remaining == 0 else {
      state = .body(content, remaining: remaining)
      return nil
    }
    state = .idle
    return content
  }
}
