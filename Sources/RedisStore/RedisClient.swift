public import EventLoop
internal import SocketTransport

/// A client of one Redis or Valkey server that never holds anything up: each command ends within its budget, with a
/// reply or with why there is none, and a server in trouble costs nothing but that.
///
/// Commands of one turn of the loop travel together. While the server cannot be used, commands fail at once without
/// being sent, and a probe a second finds out when it can be used again.
///
/// Isolation: not `Sendable`; belongs to the loop of its reactor.
public final class RedisClient {
  /// What becomes of a command.
  public typealias Completion = (Result<RedisReply, RedisFailure>) -> Void

  /// Where the server is.
  public let endpoint: RedisEndpoint
  /// Whether commands are sent now.
  public var isAvailable: Bool { breaker.isClosed }
  /// Why no commands are sent; nil when they are, and before the first attempt has ended.
  public private(set) var trouble: RedisFailure?

  let options: RedisOptions
  let reactor: Reactor
  private let pool: BufferPool
  private var observers: [(RedisEvent) -> Void] = []
  private var connection: RedisConnection?
  private var breaker: CircuitBreaker
  private var backoff: ReconnectBackoff
  private var random = SystemRandomNumberGenerator()
  private var retryTimer: LoopTimer?
  private var probeTimer: LoopTimer?
  private var deadlineTimer: LoopTimer?
  private var marker: ServerMarker?
  private var wasAvailable = false
  private var settling: [() -> Void] = []

  /// A client that does nothing until `start`.
  public init(endpoint: RedisEndpoint, options: RedisOptions, reactor: Reactor, pool: BufferPool) {
    self.endpoint = endpoint
    self.options = options
    self.reactor = reactor
    self.pool = pool
    breaker = CircuitBreaker(failuresToOpen: options.failuresToOpen)
    backoff = ReconnectBackoff(bounds: options.reconnectDelay)
    marker = options.markerKey.map { ServerMarker(key: $0) }
  }

  /// Calls `handler` for each change of state from now on, after those added before.
  public func observe(_ handler: @escaping (RedisEvent) -> Void) {
    observers.append(handler)
  }

  /// Calls `handler` once it is known whether commands can be sent: at once, or with the first attempt to connect. Not
  /// at all when the client is stopped before.
  public func whenSettled(_ handler: @escaping () -> Void) {
    if wasAvailable || trouble != nil { handler() } else { settling.append(handler) }
  }

  /// Begins to connect.
  public func start() {
    guard retryTimer == nil else { return }
    retryTimer = reactor.makeTimer { [unowned self] in connect() }
    probeTimer = reactor.makeTimer { [unowned self] in look() }
    deadlineTimer = reactor.makeTimer { [unowned self] in expire() }
    probeTimer?.arm(after: options.probeInterval)
    connect()
  }

  /// Closes the connection and connects no more; everything that waits is answered with `stopped`.
  public func stop() {
    guard retryTimer != nil else { return }
    for timer in [retryTimer, probeTimer, deadlineTimer] { timer?.invalidate() }
    retryTimer = nil
    probeTimer = nil
    deadlineTimer = nil
    breaker.becameUseless()
    observers = []
    settling = []
    connection?.end(.init(.stopped, "the client of Redis was stopped"))
    connection = nil
  }

  /// Sends a command. The completion is called exactly once, on the loop: before this returns when the command is not
  /// sent, else when its reply is there or its budget is over, whatever is first.
  public func send(_ command: RedisCommand, _ completion: @escaping Completion) {
    guard breaker.isClosed, let connection else {
      return completion(.failure(trouble.map(Self.unavailable) ?? .init(.unavailable, "not connected to Redis yet")))
    }
    send(command, over: connection) { [weak self] result in
      self?.learn(from: result)
      completion(result)
    }
  }

  /// Runs a script with these keys and arguments, as one step of the server; its text is sent when the server does not
  /// know it yet. Otherwise as ``send(_:_:)``.
  public func run(
    _ script: RedisScript, keys: [RedisArgument], arguments: [RedisArgument], _ completion: @escaping Completion
  ) {
    send(script.call("EVALSHA", script.hash, keys, arguments)) { [weak self] result in
      guard case .failure(let failure) = result, failure.detail.hasPrefix("NOSCRIPT"), let self else {
        return completion(result)
      }
      send(script.call("EVAL", script.source, keys, arguments), completion)
    }
  }

  private static func unavailable(_ trouble: RedisFailure) -> RedisFailure {
    .init(.unavailable, trouble.detail)
  }

  // MARK: Connection

  private func connect() {
    let connection = RedisConnection(endpoint: endpoint, options: options, reactor: reactor, pool: pool)
    self.connection = connection
    connection.onReady = { [unowned self] in probe() }
    connection.onEnd = { [unowned self, unowned connection] in ended($0, connection) }
    connection.open()
  }

  private func ended(_ failure: RedisFailure, _ connection: RedisConnection) {
    guard self.connection === connection, let retryTimer else { return }
    self.connection = nil
    retryTimer.arm(after: backoff.next(using: &random))
    becameUseless(failure)
  }

  private func send(_ command: RedisCommand, over connection: RedisConnection, _ completion: @escaping Completion) {
    let deadline = reactor.now + options.budget
    if connection.session.nextDeadline == nil { deadlineTimer?.arm(at: deadline) }
    connection.send(command, deadline: deadline, completion)
  }

  private func expire() {
    guard let connection else { return }
    connection.session.expire(now: reactor.now)
    // What was just answered may have ended the connection, or sent more.
    if let next = self.connection?.session.nextDeadline, next != .distantFuture { deadlineTimer?.arm(at: next) }
  }

  // MARK: State

  /// Every answer says something about the server.
  private func learn(from result: Result<RedisReply, RedisFailure>) {
    guard case .failure(let failure) = result else { return breaker.commandSucceeded() }
    switch failure.kind {
    case .timedOut:
      guard breaker.commandTimedOut() else { return }
      report(Self.silence(failure))
    case let kind where kind.concernsEveryCommand: becameUseless(failure)
    case .refused: breaker.commandSucceeded()
    default: break
    }
  }

  private static func silence(_ failure: RedisFailure) -> RedisFailure {
    .init(.silent, failure.detail)
  }

  private func becameUseless(_ failure: RedisFailure) {
    breaker.becameUseless()
    report(failure)
    if failure.kind.callsForReconnect { connection?.end(failure) }
  }

  /// Tells of a trouble once, as long as it stays the same.
  private func report(_ failure: RedisFailure) {
    let isKnown = trouble?.kind.outage == failure.kind.outage
    trouble = failure
    probeTimer?.arm(after: options.probeInterval)
    if !isKnown { tell(.unavailable(failure, endpoint)) }
  }

  private func tell(_ event: RedisEvent) {
    for observer in observers { observer(event) }
    let handlers = settling
    settling = []
    for handler in handlers { handler() }
  }

  // MARK: Probes

  /// Once a second while the server cannot be used, less often while it is well.
  private func look() {
    probeTimer?.arm(after: breaker.isClosed ? options.checkInterval : options.probeInterval)
    guard let connection, connection.isReady else { return }
    if let oldest = connection.session.oldestPending, reactor.now - oldest >= options.stallTimeout {
      return connection.end(.init(.silent, "Redis gave no answer for \(options.stallTimeout)"))
    }
    if breaker.isClosed { return check(connection) }
    // An answer that is still to come is a probe in itself: it tells when the server works again.
    if !connection.session.hasOverdue { probe() }
  }

  /// Asks a server whether commands succeed; only an answer in time lets them through.
  private func probe() {
    guard let connection, breaker.probe() else { return }
    guard let marker else {
      return send(["PING"], over: connection) { [weak self] result in self?.probed(result.map { _ in nil }) }
    }
    var writing: RedisFailure?
    send(marker.write(using: &random), over: connection) { result in
      if case .failure(let failure) = result { writing = failure }
    }
    send(marker.read, over: connection) { [weak self] result in
      self?.probed(writing.map(Result.failure) ?? result.map(\.bytes))
    }
  }

  /// `.success` with what the marker holds.
  private func probed(_ result: Result<[UInt8]?, RedisFailure>) {
    switch result {
    case .success(let value):
      guard breaker.probeSucceeded() else { return }
      backoff.reset()
      becameAvailable()
      seen(value)
    case .failure(let failure):
      breaker.probeFailed()
      guard failure.kind != .stopped, connection != nil else { return }
      let told = failure.kind == .timedOut ? Self.silence(failure) : failure
      told.kind.concernsEveryCommand ? becameUseless(told) : report(told)
    }
  }

  private func becameAvailable() {
    guard trouble != nil || !wasAvailable else { return }
    trouble = nil
    wasAvailable = true
    tell(.available(endpoint))
  }

  /// Looks after a server that is well: without load, too, one that is silent or takes no writes is noticed, and so is
  /// the loss of its data.
  private func check(_ connection: RedisConnection) {
    guard let marker else {
      return send(["PING"]) { _ in }
    }
    send(marker.write(using: &random)) { _ in }
    send(marker.read) { [weak self] result in
      if case .success(let reply) = result { self?.seen(reply.bytes) }
    }
  }

  private func seen(_ value: [UInt8]?) {
    if marker?.saw(value) == .lost { tell(.dataLost(endpoint)) }
  }
}
