internal import CRabbitMQ
internal import EventLoop
internal import Failpoints

/// The AMQP side of one connection: bytes in; events, and bytes to send, out. It does no I/O.
///
/// One channel (number 1) carries everything. librabbitmq encodes and decodes the methods, except the two that come and go
/// with each message; frames, contents and the order of the handshake are kept here, because the library's own
/// connection blocks and drops frames.
///
/// Isolation: not `Sendable`; belongs to its connection's loop.
final class Session {
  /// What the session tells its connection.
  enum Event {
    case opened(heartbeatSeconds: UInt16)
    case returned(ReturnReason, messageID: String?)
    case confirmed(tag: UInt64, multiple: Bool, accepted: Bool)
    case consumerCancelled(tag: String)
    case blocked(reason: String)
    case unblocked
    case ended(ConnectionFailure)
  }

  enum State: Equatable {
    case idle, awaitingStart, awaitingTune, awaitingOpenOK, awaitingChannel, open, closing, ended
  }

  private(set) var state = State.idle
  /// The bytes to send, oldest first.
  private(set) var output: PooledBuffer
  var onEvent: (Event) -> Void = { _ in }
  /// Called with each message that comes for a consumer; the connection's epoch is for the receiver to fill in.
  var onDelivery: (Delivery) -> Void = { _ in }
  /// What the broker says of itself, once it has greeted: its product and version.
  private(set) var brokerVersion: String?

  private let settings: SessionSettings
  private let pool: BufferPool
  let encoder = MethodEncoder()
  private let decoder = MethodDecoder()
  private var envelopes = EnvelopeDecoder()
  private let reader = FrameReader(frameMax: Int(SessionSettings.frameMax))
  private var assembler: ContentAssembler
  private var pending: [Completion] = []
  private var hasReceived = false
  let channel: UInt16 = 1

  typealias Completion = (Result<BrokerReply, ConnectionFailure>) -> Void

  init(settings: SessionSettings, pool: BufferPool) {
    self.settings = settings
    self.pool = pool
    output = pool.take(capacity: 4_096)
    assembler = ContentAssembler(bodyLimit: settings.bodyLimit)
  }

  // MARK: Bytes

  /// Begins the handshake.
  func start() {
    precondition(state == .idle, "Session.start in state \(state)")
    state = .awaitingStart
    [UInt8]("AMQP".utf8 + [0, 0, 9, 1]).withUnsafeBytes { output.append($0) }
  }

  /// Takes bytes from the broker.
  func receive(_ bytes: UnsafeRawBufferPointer) {
    guard state != .ended else { return }
    if let stranger = strangerInFirst(bytes) { return end(.init(.protocolViolation, stranger)) }
    endOnViolation { () throws(ProtocolViolation) in
      try reader.receive(bytes) { frame throws(ProtocolViolation) in try handle(frame) }
    }
  }

  /// Where the next bytes from the broker belong when they are part of a large body: its own memory. Reading there saves
  /// a copy; small pieces are not worth a system call of their own.
  var bodyRoom: UnsafeMutableRawBufferPointer? {
    guard state == .open else { return nil }
    let next = reader.bodyBytesNext(on: channel)
    guard next >= Self.smallestDirectRead, let room = assembler.room else { return nil }
    return UnsafeMutableRawBufferPointer(rebasing: room[..<min(room.count, next)])
  }

  private static let smallestDirectRead = 16 << 10
  private static let smallestLimitedFrame = 64 << 10

  /// How much to read when there is no ``bodyRoom``, if that matters: in the middle of a large body the rest of the frame
  /// and a little of the next one. Its header tells where the next frame belongs; what came with it has to be copied.
  /// Small frames are better read many at a time.
  var readLimit: Int? {
    guard state == .open, reader.frameMax >= Self.smallestLimitedFrame else { return nil }
    guard let room = assembler.room, room.count >= Self.smallestDirectRead else { return nil }
    return reader.bodyBytesNext(on: channel) + Self.readBehindBody
  }

  /// Bytes read together with the rest of a body frame: the end of the frame and the small frames of the next message.
  static let readBehindBody = 4 << 10

  /// Takes bytes from the broker that were written to the start of ``bodyRoom``.
  func receivedIntoBody(_ count: Int) {
    reader.skipBody(count)
    endOnViolation { () throws(ProtocolViolation) in try complete(assembler.roomFilled(count)) }
  }

  private func endOnViolation(_ work: () throws(ProtocolViolation) -> Void) {
    do throws(ProtocolViolation) {
      try work()
    } catch {
      end(.init(.protocolViolation, "the broker sent what AMQP does not allow: \(error.detail)"))
    }
  }

  /// Why the very first bytes cannot come from a broker that speaks AMQP 0-9-1, if they cannot. A peer that refuses
  /// the protocol answers with the protocol header that it wants, one that expects TLS with a TLS alert.
  private func strangerInFirst(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard !hasReceived, !bytes.isEmpty else { return nil }
    hasReceived = true
    if bytes.starts(with: "AMQP".utf8) { return "the broker wants another protocol than AMQP 0-9-1" }
    if bytes.starts(with: [21, 3]) { return "the broker expects TLS on this port; its URL begins with amqps://" }
    return nil
  }

  /// Queues a heartbeat.
  func appendHeartbeat() {
    FrameWriter(buffer: output).frame(FrameWriter.heartbeatFrame, channel: 0) {}
  }

  /// Forgets the first `count` bytes of the output; a buffer that a large message has grown is given back.
  ///
  /// What is left moves to the front, so callers report progress in large steps; see ``compactionSize``.
  func outputWasSent(_ count: Int) {
    let rest = UnsafeRawBufferPointer(rebasing: output.bytes[count...])
    if rest.isEmpty, output.capacity <= Self.compactionSize { return output.removeAll() }
    let replacement = pool.take(capacity: max(rest.count, 4_096))
    replacement.append(rest)
    output = replacement
  }

  /// Sent bytes that may pile up in front of unsent ones. Without a bound the output would grow for as long as the
  /// broker takes bytes more slowly than they are added.
  static let compactionSize = 1 << 18

  /// The connection is gone for a reason outside of the protocol.
  func end(_ failure: ConnectionFailure) {
    guard state != .ended else { return }
    state = .ended
    let failed = pending
    pending.removeAll()
    for completion in failed { completion(.failure(failure)) }
    onEvent(.ended(failure))
  }

  // MARK: Requests

  /// Sends a request; `completion` is called with the broker's answer, or with the reason why there is none.
  func request(_ request: BrokerRequest, _ completion: @escaping Completion) {
    guard state == .open else {
      return completion(.failure(.init(.connectionLost, "there is no open channel to the broker")))
    }
    if let defect = request.defect { return completion(.failure(.init(.protocolViolation, defect))) }
    pending.append(completion)
    append(request)
  }

  /// Queues a message. Texts must fit AMQP's limits; see ``OutgoingMessage/defect``.
  func publish(_ message: OutgoingMessage) {
    precondition(state == .open || state == .closing, "Session.publish in state \(state)")
    let writer = FrameWriter(buffer: output)
    writer.publish(
      exchange: message.exchange, routingKey: message.routingKey, isMandatory: message.isMandatory, channel: channel)
    message.body.withBytes { body in
      writer.content(message.properties, body: body, channel: channel, frameMax: reader.frameMax)
    }
  }

  /// Queues an acknowledgement. The tag must be one that is outstanding on this session.
  func ack(tag: UInt64, multiple: Bool) {
    let method = amqp_basic_ack_t(delivery_tag: tag, multiple: multiple ? 1 : 0)
    encoder.append(.basicAck, method, channel: channel, to: output)
    Failpoint.pass(.ackWritten)
    Failpoint.pass(.ackFlushed)
  }

  /// Queues the return of a delivery: `basic.nack` with requeue.
  func giveBack(tag: UInt64) {
    let method = amqp_basic_nack_t(delivery_tag: tag, multiple: 0, requeue: 1)
    encoder.append(.basicNack, method, channel: channel, to: output)
  }

  /// Queues the rejection of a delivery: `basic.reject` without requeue, which dead-letters it.
  func reject(tag: UInt64) {
    let method = amqp_basic_reject_t(delivery_tag: tag, requeue: 0)
    encoder.append(.basicReject, method, channel: channel, to: output)
  }

  /// Begins to close the connection in an orderly way.
  func close() {
    guard state == .open else { return end(.init(.closedByUs, "closed before it was open")) }
    state = .closing
    let method = amqp_connection_close_t(
      reply_code: 200, reply_text: encoder.text("bye"), class_id: 0, method_id: 0)
    encoder.append(.connectionClose, method, channel: 0, to: output)
  }

  // MARK: Frames

  private func handle(_ frame: FrameReader.Frame) throws(ProtocolViolation) {
    guard state != .ended else { return }
    guard frame.channel <= channel else { throw ProtocolViolation("frame on unknown channel \(frame.channel)") }
    // While closing, messages that were under way still come in; their methods are skipped, and so must they be.
    if state == .closing, frame.type == FrameWriter.headerFrame || frame.type == FrameWriter.bodyFrame { return }
    switch frame.type {
    case FrameWriter.bodyFrame: try complete(assembler.body(frame.payload))
    case FrameWriter.headerFrame: try complete(assembler.header(frame.payload, pool: pool))
    case FrameWriter.methodFrame:
      let number = try decoder.number(frame.payload)
      guard (number >> 16 == Self.connectionClass) == (frame.channel == 0) else {
        throw ProtocolViolation("method \(number) on channel \(frame.channel)")
      }
      if number == MethodID.basicDeliver.rawValue, state == .open {
        return try assembler.begin(.delivery, envelopes.decode(frame.payload))
      }
      if number == MethodID.connectionStart.rawValue { brokerVersion = Self.version(inStart: frame.payload) }
      try handle(decoder.decode(frame.payload))
    case FrameWriter.heartbeatFrame: break
    default: throw ProtocolViolation("frame of unknown type \(frame.type)")
    }
  }

  private static let connectionClass: UInt32 = 10

  /// Reads the server properties of `connection.start`: method number, two bytes of version, table.
  private static func version(inStart payload: UnsafeRawBufferPointer) -> String? {
    let tableStart = 10
    guard payload.count >= tableStart else { return nil }
    let length = Int(UInt32(bigEndian: payload.loadUnaligned(fromByteOffset: 6, as: UInt32.self)))
    guard length <= payload.count - tableStart else { return nil }
    guard let properties = HeaderTable(wire: payload[tableStart..<tableStart + length]) else { return nil }
    let words = [properties.string("product"), properties.string("version")].compactMap { $0 }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  private func complete(_ content: ContentAssembler.Content?) throws(ProtocolViolation) {
    guard let content else { return }
    switch content.purpose {
    case .delivery: onDelivery(content.delivery)
    case .returned(let reason): onEvent(.returned(reason, messageID: content.delivery.properties.messageID))
    case .get(let remaining): try answer(.message(content.delivery, remaining: remaining))
    }
  }

  private func handle(_ method: ServerMethod) throws(ProtocolViolation) {
    switch (state, method) {
    case (_, .connectionClose(let reason)): connectionClosed(reason)
    case (_, .connectionCloseOK): end(.init(.closedByUs, "closed"))
    case (.closing, _): break
    case (.open, _): try handleOpen(method)
    default: try handleHandshake(method)
    }
  }

  private func handleHandshake(_ method: ServerMethod) throws(ProtocolViolation) {
    switch (state, method) {
    case (.awaitingStart, .start(let mechanisms)): try login(mechanisms)
    case (.awaitingTune, .tune(_, let frameMax, let heartbeat)): try tune(frameMax: frameMax, heartbeat: heartbeat)
    case (.awaitingOpenOK, .openOK):
      state = .awaitingChannel
      encoder.append(.channelOpen, amqp_channel_open_t(out_of_band: encoder.text("")), channel: channel, to: output)
    case (.awaitingChannel, .channelOpenOK):
      state = .open
      onEvent(.opened(heartbeatSeconds: heartbeatSeconds))
    case (.awaitingChannel, .blocked(let reason)): onEvent(.blocked(reason: reason))
    case (.awaitingChannel, .unblocked): onEvent(.unblocked)
    default: throw ProtocolViolation("method out of order in state \(state)")
    }
  }

  private func handleOpen(_ method: ServerMethod) throws(ProtocolViolation) {
    switch method {
    case .ack(let tag, let multiple): onEvent(.confirmed(tag: tag, multiple: multiple, accepted: true))
    case .nack(let tag, let multiple): onEvent(.confirmed(tag: tag, multiple: multiple, accepted: false))
    case .returned(let reason): try assembler.begin(.returned(reason), DeliveryEnvelope(of: reason))
    case .getOK(let envelope, let remaining): try assembler.begin(.get(messageCount: remaining), envelope)
    case .getEmpty: try answer(.message(nil, remaining: 0))
    case .queueDeclareOK(let status): try answer(.queue(status))
    case .consumeOK(let tag), .cancelOK(let tag): try answer(.consumer(tag: tag))
    case .done: try answer(.done)
    case .cancel(let tag): onEvent(.consumerCancelled(tag: tag))
    case .blocked(let reason): onEvent(.blocked(reason: reason))
    case .unblocked: onEvent(.unblocked)
    case .channelFlow(let active):
      encoder.append(.channelFlowOK, amqp_channel_flow_ok_t(active: active ? 1 : 0), channel: channel, to: output)
    case .channelClose(let reason): channelClosed(reason)
    default: throw ProtocolViolation("method out of order on an open channel")
    }
  }

  private func answer(_ reply: BrokerReply) throws(ProtocolViolation) {
    guard !pending.isEmpty else { throw ProtocolViolation("an answer that nothing asked for") }
    pending.removeFirst()(.success(reply))
  }

  // MARK: Handshake

  private var heartbeatSeconds: UInt16 = 0
  /// AMQP's `frame-min-size`.
  private static let smallestFrameMax: UInt32 = 4_096

  private func login(_ mechanisms: String) throws(ProtocolViolation) {
    let wanted = settings.usesCertificateIdentity ? "EXTERNAL" : "PLAIN"
    guard mechanisms.split(separator: " ").contains(where: { $0 == wanted }) else {
      return end(.init(.accessRefused, "the broker does not offer SASL \(wanted), only: \(mechanisms)"))
    }
    let response = settings.usesCertificateIdentity ? "" : "\0\(settings.user)\0\(settings.password)"
    state = .awaitingTune
    let method = amqp_connection_start_ok_t(
      client_properties: encoder.table(settings.clientProperties), mechanism: encoder.text(wanted),
      response: encoder.text(response), locale: encoder.text("en_US"))
    encoder.append(.connectionStartOK, method, channel: 0, to: output)
  }

  private func tune(frameMax: UInt32, heartbeat: UInt16) throws(ProtocolViolation) {
    guard frameMax == 0 || frameMax >= Self.smallestFrameMax else {
      throw ProtocolViolation("frames of at most \(frameMax) bytes, fewer than \(Self.smallestFrameMax)")
    }
    guard settings.virtualHost.utf8.count <= 255 else {
      return end(.init(.virtualHost, "the name of the virtual host is longer than 255 bytes"))
    }
    let ours = SessionSettings.frameMax
    let agreedFrame = frameMax == 0 ? ours : min(ours, frameMax)
    reader.frameMax = Int(agreedFrame)
    heartbeatSeconds = heartbeat == 0 ? settings.heartbeatSeconds : min(heartbeat, settings.heartbeatSeconds)
    state = .awaitingOpenOK
    encoder.append(
      .connectionTuneOK,
      amqp_connection_tune_ok_t(channel_max: 1, frame_max: agreedFrame, heartbeat: heartbeatSeconds), channel: 0,
      to: output)
    let open = amqp_connection_open_t(
      virtual_host: encoder.text(settings.virtualHost), capabilities: encoder.text(""), insist: 0)
    encoder.append(.connectionOpen, open, channel: 0, to: output)
  }

  // MARK: Closing

  private func connectionClosed(_ reason: CloseReason) {
    encoder.append(.connectionCloseOK, amqp_connection_close_ok_t(), channel: 0, to: output)
    let kind: ConnectionFailure.Kind =
      switch (reason.code, state) {
      case (403, .awaitingTune): .accessRefused
      case (530, .awaitingOpenOK), (403, .awaitingOpenOK), (402, .awaitingOpenOK): .virtualHost
      default: .closedByBroker
      }
    end(failure(kind, reason))
  }

  private func channelClosed(_ reason: CloseReason) {
    encoder.append(.channelCloseOK, amqp_channel_close_ok_t(), channel: channel, to: output)
    end(failure(.closedByBroker, reason))
  }

  private func failure(_ kind: ConnectionFailure.Kind, _ reason: CloseReason) -> ConnectionFailure {
    var failure = ConnectionFailure(kind, reason.text, replyCode: reason.code)
    failure.blamesPublish = reason.method == MethodID.basicPublish.rawValue
    return failure
  }
}

extension DeliveryEnvelope {
  /// What is known of a message that came back: it has no number, and no consumer.
  fileprivate init(of reason: ReturnReason) {
    self.init(
      tag: 0, isRedelivered: false, exchange: reason.exchange, routingKey: reason.routingKey, consumerTag: "")
  }
}
