internal import EventLoop
internal import Glibc
internal import SocketTransport

/// One connection to one broker, from the first packet to the last: socket, TLS, session and their timers.
///
/// Isolation: not `Sendable`; lives on its loop. A connection is used once; ``Link`` makes the next one.
final class Connection {
  let endpoint: BrokerEndpoint
  let session: Session
  /// Called with everything that the session tells.
  var onEvent: (Session.Event) -> Void = { _ in }
  /// Called at the end of each turn before bytes are sent: the place to add what the turn has gathered.
  var beforeSending: () -> Void = {}

  private let reactor: Reactor
  private let options: ConnectionOptions
  private let receiveBuffer: PooledBuffer
  private var addresses: [SocketAddress] = []
  private var descriptor: Int32 = -1
  private var stream: (any ByteStream)?
  private var isHandshaking = false
  private var isOver = false
  private var isReadingPaused = false
  private var sent = 0
  private var waitsForWritable = false
  private var timer: LoopTimer?
  private var turnHandler: Reactor.TurnHandlerID?
  private var heartbeat: Duration?
  private var lastReceived: MonotonicInstant
  private var lastSent: MonotonicInstant

  /// Reads per turn before other descriptors get their share.
  private static let readsPerTurn = 8

  init(endpoint: BrokerEndpoint, options: ConnectionOptions, reactor: Reactor, pool: BufferPool) {
    self.endpoint = endpoint
    self.options = options
    self.reactor = reactor
    session = Session(settings: options.session(for: endpoint), pool: pool)
    receiveBuffer = pool.take(capacity: 1 << 18)
    lastReceived = reactor.now
    lastSent = reactor.now
  }

  /// Begins to connect; the outcome comes through `onEvent`.
  func open() {
    session.onEvent = { [unowned self] in handle($0) }
    timer = reactor.makeTimer { [unowned self] in tick() }
    timer?.arm(after: options.connectTimeout)
    Resolver.resolve(host: endpoint.host, port: endpoint.port, reactor: reactor) { [weak self] result in
      guard let self, !isOver else { return }
      switch result {
      case .success(let addresses):
        self.addresses = addresses.reversed()
        connectNext(after: nil)
      case .failure(let failure): session.end(.init(failure))
      }
    }
  }

  /// Closes in an orderly way; the session's end comes through `onEvent`.
  func close() {
    // Acknowledgements that this turn has gathered go out before the close, or their messages would come again.
    if session.state == .open { beforeSending() }
    session.close()
    setReading(true)
  }

  /// Ends the connection at once.
  func abort(_ failure: ConnectionFailure) {
    session.end(failure)
  }

  /// Reads from the socket, or leaves the bytes there.
  func setReading(_ isReading: Bool) {
    guard isReadingPaused == isReading, !isOver, !isHandshaking, stream != nil else { return }
    isReadingPaused = !isReading
    updateInterest()
    guard isReading else { return }
    lastReceived = reactor.now
    read()
  }

  // MARK: Connecting

  private func connectNext(after failure: SocketFailure?) {
    guard let address = addresses.popLast() else {
      return session.end(.init(failure ?? .init(.unresolved, "\(endpoint.host) has no address")))
    }
    switch TCPConnector.start(address, deadPeerTimeout: options.heartbeat * 2) {
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
      session.end(.init(.unreachable, error.description))
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
      return session.end(.init(error))
    }
    isHandshaking = true
    waitsForWritable = true
    register { [unowned self] events in ready(events) }
    // Weak: what another connection's handler does in the same turn may be the end of this one.
    turnHandler = reactor.addTurnHandler { [weak self] in self?.flush() }
  }

  // MARK: Bytes

  private func ready(_ events: IOEvents) {
    if isHandshaking { return handshake() }
    if events.contains(.writable) { flush() }
    if isReadingPaused, !events.isDisjoint(with: [.hangUp, .error]) {
      // Reported until it is dealt with; the bytes that were left unread are worth nothing any more.
      return session.end(.init(.connectionLost, "the connection to the broker broke"))
    }
    if !events.isDisjoint(with: [.readable, .hangUp, .error]) { read() }
  }

  private func handshake() {
    guard let stream else { return }
    switch stream.handshake() {
    case .bytes:
      isHandshaking = false
      session.start()
      flush()
      read()
    case .wouldBlock: waitForReadable()
    case .closed: session.end(.init(.tls, "the broker closed the connection during the TLS handshake"))
    case .failed(let failure): session.end(interpreted(.init(failure)))
    }
  }

  private func waitForReadable() {
    guard waitsForWritable else { return }
    waitsForWritable = false
    updateInterest()
  }

  private func updateInterest() {
    do {
      var interest: IOEvents = isReadingPaused ? [] : .readable
      if waitsForWritable { interest.insert(.writable) }
      try reactor.modify(descriptor, interest: interest)
    } catch {
      session.end(.init(.connectionLost, error.description))
    }
  }

  private func read() {
    var reads = 0
    while !isOver, !isReadingPaused, let stream {
      receiveBuffer.removeAll()
      let bodyRoom = session.bodyRoom
      let (result, wanted) = read(stream, bodyRoom)
      switch result {
      case .bytes(let count):
        lastReceived = reactor.now
        received(count, bodyRoom)
        reads += 1
        // A short read means that the socket is empty; TLS records are short reads by nature.
        if count < wanted, !stream.hasBufferedBytes { return }
        if reads >= Self.readsPerTurn, !stream.hasBufferedBytes { return }
      case .wouldBlock: return
      case .closed: session.end(interpreted(.init(.connectionLost, "the broker closed the connection")))
      case .failed(let failure): session.end(interpreted(.init(failure)))
      }
    }
  }

  /// Reads the rest of a body frame to where it belongs, and a little of what follows it; else whatever comes.
  private func read(
    _ stream: any ByteStream, _ bodyRoom: UnsafeMutableRawBufferPointer?
  ) -> (StreamResult, wanted: Int) {
    let room = receiveBuffer.room
    guard let bodyRoom else {
      let wanted = min(session.readLimit ?? room.count, room.count)
      return (stream.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<wanted])), wanted)
    }
    let next = UnsafeMutableRawBufferPointer(rebasing: room[..<Session.readBehindBody])
    return (stream.read(into: bodyRoom, then: next), bodyRoom.count + next.count)
  }

  private func received(_ count: Int, _ bodyRoom: UnsafeMutableRawBufferPointer?) {
    let direct = min(count, bodyRoom?.count ?? 0)
    receiveBuffer.commit(count - direct)
    if direct > 0 { session.receivedIntoBody(direct) }
    session.receive(receiveBuffer.bytes)
  }

  /// A loss says more about its cause while the connection is young. With TLS 1.3 a broker judges the client's
  /// certificate only after the client has finished its handshake.
  private func interpreted(_ failure: ConnectionFailure) -> ConnectionFailure {
    guard failure.kind == .connectionLost else { return failure }
    if session.state == .awaitingTune {
      return .init(.accessRefused, "\(failure.detail) during login; user or password may be wrong")
    }
    guard endpoint.usesTLS, isHandshaking || session.state == .awaitingStart else { return failure }
    return .init(.tls, "\(failure.detail) during the TLS handshake; it may demand a client certificate")
  }

  private func flush() {
    guard !isOver, !isHandshaking, let stream else { return }
    if session.state == .open { beforeSending() }
    while !isOver, sent < session.output.count {
      switch stream.write(UnsafeRawBufferPointer(rebasing: session.output.bytes[sent...])) {
      case .bytes(let count):
        lastSent = reactor.now
        sent += count
      case .wouldBlock:
        forgetSent()
        return waitForWritable()
      case .closed: session.end(interpreted(.init(.connectionLost, "the broker closed the connection")))
      case .failed(let failure): session.end(interpreted(.init(failure)))
      }
    }
    guard !isOver else { return }
    forgetSent()
    waitForReadable()
  }

  /// Drops sent bytes from the output: at its end for free, before only when they outweigh the copy of what is left.
  private func forgetSent() {
    let unsent = session.output.count - sent
    guard sent > 0, unsent == 0 || (sent >= Session.compactionSize && sent >= unsent) else { return }
    session.outputWasSent(sent)
    sent = 0
  }

  private func waitForWritable() {
    guard !waitsForWritable else { return }
    waitsForWritable = true
    updateInterest()
  }

  // MARK: Events and timers

  private func handle(_ event: Session.Event) {
    switch event {
    case .opened(let seconds): startHeartbeats(seconds)
    // A blocked broker takes nothing for as long as its alarm lasts, and says by its heartbeats that it lives.
    case .blocked: TCPConnector.setDeadPeerTimeout(descriptor, .zero)
    case .unblocked: TCPConnector.setDeadPeerTimeout(descriptor, options.heartbeat * 2)
    case .ended: tearDown()
    default: break
    }
    onEvent(event)
  }

  private func startHeartbeats(_ seconds: UInt16) {
    timer?.disarm()
    guard seconds > 0 else { return }
    heartbeat = .seconds(Int64(seconds))
    timer?.arm(after: .seconds(Int64(seconds)) / 2)
  }

  private func tick() {
    guard let heartbeat else {
      return session.end(.init(.connectTimeout, "no connection within \(options.connectTimeout)"))
    }
    if !isReadingPaused, reactor.now - lastReceived > heartbeat * 2 {
      return session.end(.init(.heartbeatTimeout, "the broker was silent for \(heartbeat * 2)"))
    }
    if reactor.now - lastSent >= heartbeat / 2 { session.appendHeartbeat() }
    timer?.arm(after: heartbeat / 2)
  }

  private func tearDown() {
    isOver = true
    sendFarewell()
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

  /// The `close-ok` that the broker waits for, as far as the socket takes it now.
  private func sendFarewell() {
    guard let stream, !isHandshaking, sent < session.output.count else { return }
    _ = stream.write(UnsafeRawBufferPointer(rebasing: session.output.bytes[sent...]))
  }
}
