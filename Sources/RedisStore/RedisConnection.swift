internal import EventLoop
internal import Glibc
internal import SocketTransport

/// One connection to Redis, from the first packet to the last: socket, TLS, login and bytes.
///
/// Isolation: not `Sendable`; lives on its loop. A connection is used once; ``RedisClient`` makes the next one.
final class RedisConnection {
  let session: RedisSession
  /// Called once the server has taken the login, before anything else is sent.
  var onReady: () -> Void = {}
  /// Called once, with what ended the connection; all its commands have been answered by then.
  var onEnd: (RedisFailure) -> Void = { _ in }

  /// Whether the server has taken the login.
  private(set) var isReady = false

  private let endpoint: RedisEndpoint
  private let options: RedisOptions
  private let reactor: Reactor
  private let receiveBuffer: PooledBuffer
  private var addresses: [SocketAddress] = []
  private var descriptor: Int32 = -1
  private var stream: (any ByteStream)?
  private var isHandshaking = false
  private var waitsForWritable = false
  private var timer: LoopTimer?
  private var turnHandler: Reactor.TurnHandlerID?

  /// Reads per turn before other descriptors get their share.
  private static let readsPerTurn = 8

  init(endpoint: RedisEndpoint, options: RedisOptions, reactor: Reactor, pool: BufferPool) {
    self.endpoint = endpoint
    self.options = options
    self.reactor = reactor
    session = RedisSession(options: options, pool: pool)
    receiveBuffer = pool.take(capacity: 1 << 14)
  }

  /// Begins to connect; `onReady` or `onEnd` follows.
  func open() {
    timer = reactor.makeTimer { [unowned self] in
      end(tooLate)
    }
    timer?.arm(after: options.connectTimeout)
    Resolver.resolve(host: endpoint.host, port: endpoint.port, reactor: reactor) { [weak self] result in
      guard let self, !session.isOver else { return }
      switch result {
      case .success(let addresses):
        self.addresses = addresses.reversed()
        connectNext(after: nil)
      case .failure(let failure): end(.init(failure))
      }
    }
  }

  /// Ends the connection at once; everything that waits is answered with `failure`.
  func end(_ failure: RedisFailure) {
    guard timer != nil else { return }
    tearDown()
    session.end(failure)
    onEnd(session.failure ?? failure)
  }

  /// Puts a command into this turn's output.
  func send(_ command: RedisCommand, deadline: MonotonicInstant, _ completion: @escaping RedisSession.Completion) {
    session.send(command, now: reactor.now, deadline: deadline, completion)
  }

  // MARK: Connecting

  private func connectNext(after failure: SocketFailure?) {
    guard let address = addresses.popLast() else {
      return end(.init(failure ?? .init(.unresolved, "\(endpoint.host) has no address")))
    }
    switch TCPConnector.start(address, deadPeerTimeout: options.stallTimeout) {
    case .failure(let failure): connectNext(after: described(failure, address))
    case .success(let descriptor):
      self.descriptor = descriptor
      register { [unowned self] _ in connected(address) }
    }
  }

  private func described(_ failure: SocketFailure, _ address: SocketAddress) -> SocketFailure {
    .init(failure.kind, "\(address.text) port \(endpoint.port): \(failure.detail)")
  }

  private func register(_ handler: @escaping (IOEvents) -> Void) {
    do {
      try reactor.register(descriptor, for: .writable, handler: handler)
    } catch {
      end(.init(.unreachable, error.description))
    }
  }

  private func connected(_ address: SocketAddress) {
    reactor.deregister(descriptor)
    if let failure = TCPConnector.failure(descriptor) {
      Glibc.close(descriptor)
      descriptor = -1
      return connectNext(after: described(failure, address))
    }
    do throws(SocketFailure) {
      stream =
        endpoint.usesTLS
        ? try TLSContext(options.tls).stream(descriptor: descriptor, host: endpoint.host)
        : PlainStream(descriptor: descriptor)
    } catch {
      return end(.init(error))
    }
    isHandshaking = true
    waitsForWritable = true
    register { [unowned self] events in ready(events) }
    // Weak: what another handler does in the same turn may be the end of this connection.
    turnHandler = reactor.addTurnHandler { [weak self] in self?.flush() }
  }

  private func handshake() {
    guard let stream else { return }
    switch stream.handshake() {
    case .bytes:
      isHandshaking = false
      logIn()
      flush()
      read()
    case .wouldBlock: waitForWritable(false)
    case .closed: end(.init(.tls, "the server closed the connection during the TLS handshake"))
    case .failed(let failure): end(interpreted(.init(failure)))
    }
  }

  /// Sends the login at once, without waiting for one answer after the other.
  private func logIn() {
    let commands = LoginCommands.make(endpoint, clientName: options.clientName)
    for (position, step) in commands.enumerated() {
      send(step.command, deadline: .distantFuture) { [unowned self] result in
        if case .failure(let failure) = result, step.isFatal(failure.kind) { return end(failure) }
        if position == commands.count - 1 { becameReady() }
      }
    }
  }

  private func becameReady() {
    isReady = true
    timer?.disarm()
    onReady()
  }

  // MARK: Bytes

  private func ready(_ events: IOEvents) {
    if isHandshaking { return handshake() }
    if events.contains(.writable) { flush() }
    if !events.isDisjoint(with: [.readable, .hangUp, .error]) { read() }
  }

  private func read() {
    var reads = 0
    while !session.isOver, let stream {
      receiveBuffer.removeAll()
      switch stream.read(into: receiveBuffer.room) {
      case .bytes(let count):
        receiveBuffer.commit(count)
        session.receive(receiveBuffer.bytes)
        if let failure = session.failure { return end(failure) }
        reads += 1
        // A short read means that the socket is empty; TLS records are short reads by nature.
        if count < receiveBuffer.capacity, !stream.hasBufferedBytes { return }
        if reads >= Self.readsPerTurn, !stream.hasBufferedBytes { return }
      case .wouldBlock: return
      case .closed: end(interpreted(.init(.connectionLost, "the server closed the connection")))
      case .failed(let failure): end(interpreted(.init(failure)))
      }
    }
  }

  private func flush() {
    guard !session.isOver, !isHandshaking, let stream else { return }
    while !session.isOver, session.output.count > 0 {
      switch stream.write(session.output.bytes) {
      case .bytes(let count): session.outputWasSent(count)
      case .wouldBlock: return waitForWritable(true)
      case .closed: end(interpreted(.init(.connectionLost, "the server closed the connection")))
      case .failed(let failure): end(interpreted(.init(failure)))
      }
    }
    if !session.isOver { waitForWritable(false) }
  }

  private func waitForWritable(_ waits: Bool) {
    guard waitsForWritable != waits else { return }
    waitsForWritable = waits
    do {
      try reactor.modify(descriptor, interest: waits ? [.readable, .writable] : .readable)
    } catch {
      end(.init(.connectionLost, error.description))
    }
  }

  /// A loss while the connection is young has a cause: with TLS 1.3 a server judges the client's certificate only after
  /// the client has finished its handshake, and a TLS port hangs up on plain text.
  private func interpreted(_ failure: RedisFailure) -> RedisFailure {
    guard failure.kind == .connectionLost, !isReady else { return failure }
    guard endpoint.usesTLS else {
      return .init(.connectionLost, "\(failure.detail) during login; the port may speak TLS (rediss://)")
    }
    return .init(
      .tls, "\(failure.detail) during the TLS handshake; it may demand a client certificate, or speak no TLS")
  }

  /// A server that speaks no TLS waits for the end of a line that TLS never sends.
  private var tooLate: RedisFailure {
    isHandshaking && endpoint.usesTLS
      ? .init(.tls, "no TLS handshake within \(options.connectTimeout); the port may speak no TLS (redis://)")
      : .init(.silent, "Redis did not take the connection within \(options.connectTimeout)")
  }

  private func tearDown() {
    timer?.invalidate()
    timer = nil
    if let turnHandler { reactor.removeTurnHandler(turnHandler) }
    turnHandler = nil
    guard descriptor >= 0 else { return }
    reactor.deregister(descriptor)
    stream = nil
    Glibc.close(descriptor)
    descriptor = -1
  }
}

extension RedisFailure {
  /// What happened to the socket, in the words of Redis' client.
  init(_ failure: SocketFailure) {
    let kind: Kind =
      switch failure.kind {
      case .unresolved: .unresolved
      case .unreachable: .unreachable
      case .tls: .tls
      case .connectionLost: .connectionLost
      }
    self.init(kind, failure.detail)
  }
}
