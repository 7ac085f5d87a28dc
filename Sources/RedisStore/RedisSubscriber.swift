public import EventLoop
internal import SocketTransport

/// Listens to a channel of Redis over a connection of its own, which it makes anew whenever it is lost.
///
/// Messages may be missed at any time: what they tell must be found out in another way as well. Whoever listens is told
/// nothing of troubles either; the client that sends commands to the same server tells of them.
///
/// Isolation: not `Sendable`; belongs to the loop of its reactor.
public final class RedisSubscriber {
  /// Called with the content of each message.
  public var onMessage: ([UInt8]) -> Void = { _ in }
  /// Called when the channel is listened to, from the beginning or again; messages before that were missed.
  public var onListening: () -> Void = {}
  /// Why the channel is not listened to; nil while it is, and before the first attempt has ended.
  public private(set) var trouble: RedisFailure?

  private let endpoint: RedisEndpoint
  private let options: RedisOptions
  private let channel: String
  private let reactor: Reactor
  private let pool: BufferPool
  private var connection: RedisConnection?
  private var backoff: ReconnectBackoff
  private var random = SystemRandomNumberGenerator()
  private var retryTimer: LoopTimer?
  private var checkTimer: LoopTimer?

  /// A subscriber that does nothing until `start`.
  public init(endpoint: RedisEndpoint, options: RedisOptions, channel: String, reactor: Reactor, pool: BufferPool) {
    self.endpoint = endpoint
    self.options = options
    self.channel = channel
    self.reactor = reactor
    self.pool = pool
    backoff = ReconnectBackoff(bounds: options.reconnectDelay)
  }

  /// Begins to connect.
  public func start() {
    guard retryTimer == nil else { return }
    retryTimer = reactor.makeTimer { [unowned self] in connect() }
    checkTimer = reactor.makeTimer { [unowned self] in check() }
    connect()
  }

  /// Closes the connection and connects no more.
  public func stop() {
    retryTimer?.invalidate()
    checkTimer?.invalidate()
    (retryTimer, checkTimer) = (nil, nil)
    connection?.end(.init(.stopped, "the subscriber was stopped"))
    connection = nil
  }

  private func connect() {
    let connection = RedisConnection(endpoint: endpoint, options: options, reactor: reactor, pool: pool)
    self.connection = connection
    connection.session.onMessage = { [unowned self] in onMessage($0) }
    connection.onReady = { [unowned self] in subscribe() }
    connection.onEnd = { [unowned self, unowned connection] in ended($0, connection) }
    connection.open()
  }

  private func subscribe() {
    connection?.send(["SUBSCRIBE", .text(channel)], deadline: .distantFuture) { [weak self] result in
      switch result {
      case .success: self?.listens()
      case .failure(let failure): self?.connection?.end(failure)
      }
    }
    checkTimer?.arm(after: options.checkInterval)
  }

  private func listens() {
    trouble = nil
    backoff.reset()
    onListening()
  }

  private func ended(_ failure: RedisFailure, _ connection: RedisConnection) {
    guard self.connection === connection, let retryTimer else { return }
    self.connection = nil
    trouble = failure
    checkTimer?.disarm()
    retryTimer.arm(after: backoff.next(using: &random))
  }

  /// A server that has nothing to say looks like one that is gone.
  private func check() {
    guard let connection else { return }
    checkTimer?.arm(after: options.checkInterval)
    if let oldest = connection.session.oldestPending {
      if reactor.now - oldest >= options.stallTimeout {
        connection.end(.init(.silent, "Redis gave no answer for \(options.stallTimeout)"))
      }
    } else {
      connection.send(["PING"], deadline: .distantFuture) { _ in }
    }
  }
}
