internal import EventLoop

/// Puts a message together from its method, content header and body frames.
///
/// Memory for the body is taken when the header arrives and only up to the limit; a larger body is skipped, so that
/// neither a huge declared size nor a huge body can exhaust memory.
struct ContentAssembler {
  /// What the message is for: decides which event its completion makes.
  enum Purpose {
    case delivery
    case get(messageCount: UInt32)
    // Indirect, because it is rare and everything else is small.
    indirect case returned(ReturnReason)
  }

  /// A complete message. Its delivery knows no connection yet; that of a returned message is for nobody to settle.
  struct Content {
    let purpose: Purpose
    let delivery: Delivery
  }

  let bodyLimit: Int
  private var state = State.idle
  private var purpose = Purpose.delivery
  private var envelope: DeliveryEnvelope?
  /// The message whose body is on its way.
  private var delivery: Delivery?

  private enum State {
    case idle
    case awaitingHeader
    case body(remaining: UInt64)
  }

  init(bodyLimit: Int) {
    self.bodyLimit = bodyLimit
  }

  var isIdle: Bool {
    if case .idle = state { true } else { false }
  }

  mutating func begin(_ purpose: Purpose, _ envelope: consuming DeliveryEnvelope) throws(ProtocolViolation) {
    guard isIdle else { throw ProtocolViolation("a message began inside another one") }
    state = .awaitingHeader
    self.purpose = purpose
    self.envelope = envelope
  }

  /// Takes a content header frame; returns the message when it has no body.
  mutating func header(
    _ payload: UnsafeRawBufferPointer, pool: BufferPool
  ) throws(ProtocolViolation) -> Content? {
    guard case .awaitingHeader = state, let envelope = envelope.take() else {
      throw ProtocolViolation("unexpected content header")
    }
    var reader = ByteReader(payload)
    guard reader.readUInt16() == 60, reader.readUInt16() != nil, let size = reader.readUInt64() else {
      throw ProtocolViolation("malformed content header")
    }
    let fits = size <= UInt64(bodyLimit)
    let properties = MessageProperties(wire: UnsafeRawBufferPointer(rebasing: payload[reader.position...]))
    var defect: Delivery.Defect?
    if properties == nil { defect = .malformedProperties }
    if !fits { defect = .oversizedBody(size: size, limit: bodyLimit) }
    let delivery = Delivery(
      id: DeliveryID(epoch: 0, tag: envelope.tag), envelope: envelope, properties: properties ?? MessageProperties(),
      body: pool.take(capacity: fits ? Int(size) : 0), defect: defect)
    return progress(delivery, remaining: size)
  }

  /// Takes a piece of the body; returns the message when it is complete.
  mutating func body(_ piece: UnsafeRawBufferPointer) throws(ProtocolViolation) -> Content? {
    guard case .body(let remaining) = state, let delivery, UInt64(piece.count) <= remaining else {
      throw ProtocolViolation("unexpected body frame")
    }
    if delivery.keepsBody { delivery.body.append(piece) }
    return progress(delivery, remaining: remaining - UInt64(piece.count))
  }

  /// Where the next bytes of the body belong, when a body is kept at all: at most as many as are still to come.
  var room: UnsafeMutableRawBufferPointer? {
    guard case .body(let remaining) = state, let delivery, delivery.keepsBody else { return nil }
    let room = delivery.body.room
    return UnsafeMutableRawBufferPointer(rebasing: room[..<min(room.count, Int(clamping: remaining))])
  }

  /// Counts bytes that were written to the start of ``room``; returns the message when it is complete.
  mutating func roomFilled(_ count: Int) -> Content? {
    guard case .body(let remaining) = state, let delivery, count <= remaining else {
      preconditionFailure("ContentAssembler.roomFilled: no body has room for \(count) bytes")
    }
    delivery.body.commit(count)
    return progress(delivery, remaining: remaining - UInt64(count))
  }

  private mutating func progress(_ delivery: Delivery, remaining: UInt64) -> Content? {
    guard remaining == 0 else {
      state = .body(remaining: remaining)
      self.delivery = delivery
      return nil
    }
    state = .idle
    self.delivery = nil
    return Content(purpose: purpose, delivery: delivery)
  }
}

extension Delivery {
  fileprivate var keepsBody: Bool {
    if case .oversizedBody = defect { false } else { true }
  }
}
