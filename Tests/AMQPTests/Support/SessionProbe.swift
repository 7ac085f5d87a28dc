import EventLoop

@testable import AMQP

/// A session without a connection: takes a broker's bytes, notes what the session tells.
final class SessionProbe {
  /// A session event in comparable form.
  enum Seen: Equatable {
    case opened(heartbeat: UInt16)
    case delivery(tag: UInt64, body: [UInt8], Delivery.Defect? = nil)
    case returned(key: String, messageID: String?)
    case confirmed(UInt64, multiple: Bool, accepted: Bool)
    case cancelled(String)
    case blocked(String)
    case unblocked
    case ended(ConnectionFailure.Kind, UInt16? = nil)
  }

  let session: Session
  private(set) var seen: [Seen] = []
  private(set) var failure: ConnectionFailure?
  let pool = BufferPool()

  init(bodyLimit: Int = 1 << 20, heartbeat: UInt16 = 15, password: String = "guest", virtualHost: String = "/") {
    session = Session(
      settings: SessionSettings(
        user: "guest", password: password, virtualHost: virtualHost, usesCertificateIdentity: false,
        connectionName: "probe", heartbeatSeconds: heartbeat, bodyLimit: bodyLimit), pool: pool)
    session.onEvent = { [unowned self] event in
      if case .ended(let failure) = event { self.failure = failure }
      seen.append(Self.seen(event))
    }
    session.onDelivery = { [unowned self] delivery in
      seen.append(
        .delivery(tag: delivery.envelope.tag, body: Array(delivery.body.bytes), delivery.defect))
    }
    session.start()
  }

  /// A session with an open channel, whose handshake is out of the way.
  static func open(bodyLimit: Int = 1 << 20, frameMax: UInt32 = 131_072) -> SessionProbe {
    let probe = SessionProbe(bodyLimit: bodyLimit)
    probe.receive(
      BrokerBytes.start() + BrokerBytes.tune(frameMax: frameMax) + BrokerBytes.openOK + BrokerBytes.channelOpenOK)
    probe.forget()
    return probe
  }

  func forget() {
    seen = []
    session.outputWasSent(session.output.count)
  }

  func receive(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { session.receive($0) }
  }

  /// Hands the bytes over as a connection does that reads bodies to where they belong; each read gets what is left
  /// of a slice. Returns how many bytes needed no copy.
  func receiveDirectly(_ bytes: [UInt8], slices size: Int) -> Int {
    var direct = 0
    for start in stride(from: 0, to: bytes.count, by: size) {
      var rest = bytes[start..<min(start + size, bytes.count)]
      while !rest.isEmpty {
        let room = session.bodyRoom
        let count = min(room?.count ?? session.readLimit ?? rest.count, rest.count)
        let next = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        if let room {
          room.copyBytes(from: next)
          session.receivedIntoBody(count)
          direct += count
        } else {
          receive(next)
        }
      }
    }
    return direct
  }

  /// Hands the bytes over in slices of `size`.
  func receive(_ bytes: [UInt8], slices size: Int) {
    for start in stride(from: 0, to: bytes.count, by: size) {
      receive(Array(bytes[start..<min(start + size, bytes.count)]))
    }
  }

  var output: [UInt8] { Array(session.output.bytes) }

  /// The methods in the output, in order.
  var sentMethods: [MethodID] {
    let reader = FrameReader(frameMax: 1 << 20)
    var methods: [MethodID] = []
    let bytes = output.starts(with: "AMQP".utf8) ? Array(output.dropFirst(8)) : output
    try? bytes.withUnsafeBytes { all in
      try reader.receive(all) { frame throws(ProtocolViolation) in
        guard frame.type == 1 else { return }
        let number = UInt32(bigEndian: frame.payload.loadUnaligned(as: UInt32.self))
        if let id = MethodID(rawValue: number) { methods.append(id) }
      }
    }
    return methods
  }

  private static func seen(_ event: Session.Event) -> Seen {
    switch event {
    case .opened(let seconds): .opened(heartbeat: seconds)
    case .returned(let reason, let messageID): .returned(key: reason.routingKey, messageID: messageID)
    case .confirmed(let tag, let multiple, let accepted): .confirmed(tag, multiple: multiple, accepted: accepted)
    case .consumerCancelled(let tag): .cancelled(tag)
    case .blocked(let reason): .blocked(reason)
    case .unblocked: .unblocked
    case .ended(let failure): .ended(failure.kind, failure.replyCode)
    }
  }
}
