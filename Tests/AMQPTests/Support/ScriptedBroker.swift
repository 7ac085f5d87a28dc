import EventLoop
import Glibc

@testable import AMQP

/// A broker on a loopback port that does what a test says: it logs clients in, answers their requests, notes what they
/// send, and sends whatever it is told.
actor ScriptedBroker {
  /// A method that the client sent; `body` is the body of a publish.
  struct Call: Sendable, Equatable {
    var id: MethodID
    var arguments: [UInt8]
    var body: [UInt8] = []

    /// The tag and flag of an ack, nack or reject.
    var settlement: (tag: UInt64, multiple: Bool) {
      (arguments.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }, (arguments.dropFirst(8).first ?? 0) & 1 != 0)
    }

    /// The exchange of a publish.
    var exchange: String {
      let length = Int(arguments.dropFirst(2).first ?? 0)
      return String(decoding: arguments.dropFirst(3).prefix(length), as: UTF8.self)
    }

    static func == (left: Call, right: Call) -> Bool {
      left.id == right.id && left.arguments == right.arguments && left.body == right.body
    }
  }

  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private var listener: Int32 = -1
  private var peer: Int32 = -1
  private var reader = FrameReader(frameMax: 1 << 20)
  private var headerBytes = 0
  private var calls: [Call] = []
  private var waiters: [(isWanted: @Sendable (Call) -> Bool, continuation: CheckedContinuation<Call, Never>)] = []
  private(set) var connections = 0
  /// Answers to what clients send besides the login; nil sends nothing.
  private var answer: @Sendable (Call) -> [UInt8]? = { _ in nil }

  init() throws {
    loop = try EventLoop(name: "scripted")
  }

  /// Begins to listen; returns the port.
  func start(answer: @escaping @Sendable (Call) -> [UInt8]? = { _ in nil }) throws -> Int {
    self.answer = answer
    let (descriptor, port) = LoopbackListener.open()
    listener = descriptor
    try loop.reactor.register(listener, for: .readable) { [self] _ in acceptPeer() }
    return port
  }

  func stop() {
    drop()
    loop.reactor.deregister(listener)
    close(listener)
    listener = -1
    loop.stop()
  }

  /// Closes the present connection; `reset` makes it an RST.
  func drop(reset: Bool = false) {
    guard peer >= 0 else { return }
    loop.reactor.deregister(peer)
    if reset {
      var option = linger(l_onoff: 1, l_linger: 0)
      setsockopt(peer, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
    close(peer)
    peer = -1
  }

  func send(_ bytes: [UInt8]) {
    guard peer >= 0 else { return }
    let count = Glibc.send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    precondition(count == bytes.count || count < 0, "ScriptedBroker: the socket buffer is too small for this test")
  }

  /// The next call that is wanted, among those that no earlier `call` has passed.
  func call(where isWanted: @escaping @Sendable (Call) -> Bool) async -> Call {
    let deadline = loop.reactor.deadline(for: "a call of the client") { [self] in "\(calls)" }
    defer { deadline.invalidate() }
    return await withCheckedContinuation { continuation in
      waiters.append((isWanted, continuation))
      answerWaiters()
    }
  }

  func call(_ id: MethodID) async -> Call {
    await call { $0.id == id }
  }

  /// The calls that were not asked for yet.
  var remainingCalls: [Call] { calls }

  private func answerWaiters() {
    while let waiter = waiters.first, let index = calls.firstIndex(where: waiter.isWanted) {
      waiters.removeFirst()
      let call = calls[index]
      calls.removeFirst(index + 1)
      waiter.continuation.resume(returning: call)
    }
  }

  private func acceptPeer() {
    let descriptor = LoopbackListener.accept(listener)
    guard descriptor >= 0 else { return }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    drop()
    connections += 1
    peer = descriptor
    reader = FrameReader(frameMax: 1 << 20)
    headerBytes = 0
    do {
      try loop.reactor.register(peer, for: .readable) { [self] _ in readPeer() }
    } catch {
      preconditionFailure("ScriptedBroker: \(error)")
    }
  }

  private func readPeer() {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(peer, &buffer, buffer.count, 0)
    guard count > 0 else { return drop() }
    var bytes = buffer[..<count]
    if headerBytes < 8 {
      let part = min(8 - headerBytes, bytes.count)
      headerBytes += part
      bytes = bytes.dropFirst(part)
      if headerBytes == 8 { send(BrokerBytes.start()) }
    }
    Array(bytes).withUnsafeBytes { all in
      do throws(ProtocolViolation) {
        try reader.receive(all) { take($0) }
      } catch {
        preconditionFailure("ScriptedBroker: the client sent a bad frame: \(error.detail)")
      }
    }
    answerWaiters()
  }

  private func take(_ frame: FrameReader.Frame) {
    if frame.type == 3, !calls.isEmpty { calls[calls.count - 1].body += Array(frame.payload) }
    guard frame.type == 1 else { return }
    guard let id = MethodID(rawValue: UInt32(bigEndian: frame.payload.loadUnaligned(as: UInt32.self))) else { return }
    let call = Call(id: id, arguments: Array(frame.payload.dropFirst(4)))
    let scripted = answer(call)
    if let reply = standardAnswer(call) { return send(scripted ?? reply) }
    calls.append(call)
    if let scripted { send(scripted) }
  }

  /// The login, and requests that need no thought.
  private func standardAnswer(_ call: Call) -> [UInt8]? {
    switch call.id {
    case .connectionStartOK: BrokerBytes.tune(heartbeat: 0)
    case .connectionTuneOK: []
    case .connectionOpen: BrokerBytes.openOK
    case .channelOpen: BrokerBytes.channelOpenOK
    case .connectionClose: BrokerBytes.connectionCloseOK
    case .basicQos: WireBytes.method(.basicQosOK)
    case .basicConsume: BrokerBytes.consumeOK("test")
    case .confirmSelect: WireBytes.method(.confirmSelectOK)
    default: nil
    }
  }
}

/// A listening socket on a free loopback port.
enum LoopbackListener {
  static func open() -> (descriptor: Int32, port: Int) {
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_INET, type, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutableBytes(of: &address) { raw in
      let pointer = raw.assumingMemoryBound(to: sockaddr.self).baseAddress
      guard bind(descriptor, pointer, size) == 0, listen(descriptor, 16) == 0 else { return Int32(-1) }
      return getsockname(descriptor, pointer, &size)
    }
    precondition(descriptor >= 0 && status == 0, "LoopbackListener: errno \(errno)")
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  /// The next connection, or a negative number. Children of other tests must not inherit it: it would stay open.
  static func accept(_ listener: Int32) -> Int32 {
    let descriptor = Glibc.accept(listener, nil, nil)
    if descriptor >= 0 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    return descriptor
  }

  static func close(_ descriptor: Int32) {
    Glibc.close(descriptor)
  }
}
