public import EventLoop
internal import SocketTransport

/// A connection to one of several brokers that is made again for as long as the link runs.
///
/// The owner sets up what it needs after each `connected` event; consumers and publishers of the link carry their work
/// over. Attempts never end: a service and its broker may start in any order.
///
/// Isolation: not `Sendable`; belongs to the loop of its reactor.
public final class Link {
  /// Called for each change of the link's state.
  public var onEvent: (LinkEvent) -> Void = { _ in }
  /// Which connection this is, counted from 1; grows with each one.
  public private(set) var epoch: UInt32 = 0
  /// Whether requests and messages can be sent now.
  public var isOpen: Bool { session?.state == .open }
  /// What the broker of the current connection calls itself, with its version: outside text.
  public var brokerVersion: String? { session?.brokerVersion }
  /// Whether the broker reads nothing from this connection at the moment.
  public private(set) var isBlocked = false

  private let endpoints: [BrokerEndpoint]
  let options: ConnectionOptions
  let reactor: Reactor
  private let pool: BufferPool
  private var observers: [any LinkObserver] = []
  private var connection: Connection?
  private var backoff: ReconnectBackoff
  private var random = SystemRandomNumberGenerator()
  private var retryTimer: LoopTimer?
  private var nextEndpoint = 0
  private var isStopping = false
  private var isRestarting = false

  /// A link to the first reachable of `endpoints`, of which there must be one at least.
  public init(endpoints: [BrokerEndpoint], options: ConnectionOptions, reactor: Reactor, pool: BufferPool) {
    precondition(!endpoints.isEmpty, "Link: no endpoint")
    self.endpoints = endpoints
    self.options = options
    self.reactor = reactor
    self.pool = pool
    backoff = ReconnectBackoff(bounds: options.reconnectDelay)
  }

  var session: Session? { connection?.session }

  func attach(_ observer: any LinkObserver) {
    observers.append(observer)
  }

  /// Begins to connect, if that was not begun before.
  public func startIfNeeded() {
    if retryTimer == nil, !isStopping { start() }
  }

  /// Begins to connect.
  public func start() {
    retryTimer = reactor.makeTimer { [unowned self] in connect() }
    connect()
  }

  /// Closes the connection in an orderly way and connects no more; `stopped` follows.
  public func stop() {
    isStopping = true
    retryTimer?.disarm()
    guard let connection else { return finishStop() }
    connection.close()
  }

  /// Sends a synchronous request; see ``BrokerRequest``.
  public func request(
    _ request: BrokerRequest, _ completion: @escaping (Result<BrokerReply, ConnectionFailure>) -> Void
  ) {
    guard let session else {
      return completion(.failure(.init(.connectionLost, "there is no connection to the broker")))
    }
    session.request(request, completion)
  }

  /// Drops the connection because it cannot do its work; the next attempt follows as after any loss.
  public func fail(_ failure: ConnectionFailure) {
    connection?.abort(failure)
  }

  /// Connects anew without delay, for a fresh channel. Nothing may be in work that the loss of the channel would spoil.
  public func restart() {
    isRestarting = true
    connection?.close()
  }

  /// Reads from the broker, or not: unread bytes wait in the sockets and stop the broker from sending.
  func setReading(_ isReading: Bool) {
    connection?.setReading(isReading)
  }

  /// Everything wanted is set up, so the next loss may be retried quickly again.
  public func markUsable() {
    backoff.reset()
  }

  private func connect() {
    guard !isStopping else { return }
    epoch += 1
    let endpoint = endpoints[nextEndpoint % endpoints.count]
    let connection = Connection(endpoint: endpoint, options: options, reactor: reactor, pool: pool)
    self.connection = connection
    connection.onEvent = { [unowned self] in handle($0) }
    connection.session.onDelivery = { [unowned self] in deliver($0) }
    connection.beforeSending = { [unowned self] in
      for observer in observers { observer.beforeSending() }
    }
    connection.open()
  }

  private func handle(_ event: Session.Event) {
    switch event {
    case .opened:
      guard let connection else { return }
      if isStopping { return connection.close() }
      onEvent(.connected(connection.endpoint))
    case .returned(let reason, let messageID):
      for observer in observers { observer.returned(reason, messageID: messageID) }
    case .confirmed(let tag, let multiple, let accepted):
      for observer in observers { observer.confirmed(tag: tag, multiple: multiple, accepted: accepted) }
    case .consumerCancelled(let tag):
      fail(.init(.closedByBroker, "the broker cancelled consumer \(tag); its queue may have been deleted"))
    case .blocked(let reason): setBlocked(true, .blocked(reason: reason))
    case .unblocked: setBlocked(false, .unblocked)
    case .ended(let failure): ended(failure)
    }
  }

  private func deliver(_ delivery: Delivery) {
    delivery.id.epoch = epoch
    for observer in observers { observer.received(delivery) }
  }

  private func setBlocked(_ blocked: Bool, _ event: LinkEvent) {
    isBlocked = blocked
    onEvent(event)
    for observer in observers { observer.blockedChanged(blocked) }
  }

  private func ended(_ failure: ConnectionFailure) {
    guard let connection else { return }
    let endpoint = connection.endpoint
    self.connection = nil
    isBlocked = false
    for observer in observers { observer.linkClosed(failure) }
    if isStopping { return finishStop() }
    if isRestarting {
      isRestarting = false
      return connect()
    }
    nextEndpoint += 1
    let delay = backoff.next(using: &random)
    retryTimer?.arm(after: delay)
    onEvent(.disconnected(failure, endpoint, retryIn: delay))
  }

  private func finishStop() {
    retryTimer?.invalidate()
    retryTimer = nil
    // They hold the link too.
    observers = []
    onEvent(.stopped)
  }
}
