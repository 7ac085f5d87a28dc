internal import CCurl
public import EventLoop
internal import Glibc

/// An HTTP/1.1 client on an event loop: connections by libcurl (name lookup, proxy, verified TLS 1.2 or later), kept
/// alive; requests and answers by the client itself.
///
/// - A `POST` is executed at most once for each `start`. When a kept-alive connection dies before an answer, the call
///   fails with `repeatRefused` as soon as any byte of it was handed to the network.
/// - Redirects are answers. Cookies, `.netrc`, proxy variables, compression and HTTP/2 are not used.
/// - Every call ends, by a timer of the client's own.
///
/// Isolation: not `Sendable`. It is made, used and released on the thread of its reactor's loop, and not from
/// end-of-turn handlers of the reactor: a call that needs a new connection would wait for the next event.
public final class HTTPClient {
  let reactor: Reactor
  let pool: BufferPool
  let configuration: HTTPClientConfiguration
  /// Nil after `shutdown`.
  private(set) var connections: ConnectionPool?

  /// The connections with a call, each at its `place`; at most `maximumConnections`.
  private var running: [Connection] = []
  private var waiting = WaitingCalls()
  private var waitingTimer: LoopTimer?
  private var lastSerial: UInt64 = 0

  private var heads = HeadBuffers()
  private let userAgent: [UInt8]
  /// The longest time for a call, in nanoseconds.
  private let longestTime: Int64

  /// A client without connections; the first calls make them.
  ///
  /// Ignores `SIGPIPE` for the whole process. Throws for settings that cannot work and when `SSLKEYLOGFILE` is set.
  public init(
    reactor: Reactor, pool: BufferPool, configuration: HTTPClientConfiguration
  ) throws(HTTPClientError) {
    longestTime = configuration.totalTimeout.saturatingNanoseconds
    userAgent = Array("User-Agent: \(configuration.userAgent)\r\n".utf8)
    self.reactor = reactor
    self.pool = pool
    self.configuration = configuration
    guard getenv("SSLKEYLOGFILE") == nil else { throw .keyLogFileIsSet }
    try configuration.check()
    ignoreBrokenPipeSignal()
    guard Self.libraryStatus == CURLE_OK else {
      throw .libraryFailed(
        operation: "curl_global_init", detail: String(cString: curl_easy_strerror(Self.libraryStatus)))
    }
    let multiHandle = try MultiHandle(reactor: reactor, configuration: configuration) { [unowned self] in
      connected($0, $1)
    }
    connections = try ConnectionPool(client: self, multiHandle: multiHandle)
    waitingTimer = reactor.makeTimer { [unowned self] in expireWaiting() }
  }

  deinit {
    shutdown()
  }

  /// `curl_global_init`, once for the process.
  private static let libraryStatus = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

  // MARK: Calls

  /// Calls that were started and have not ended, those that wait for a connection included.
  public var activeCalls: Int { running.count + waiting.count }

  /// Starts a call. `completion` is called exactly once, on the loop, never before `start` returns.
  ///
  /// The completion may start and cancel calls. All memory of the call but the response is given back before it runs.
  @discardableResult
  public func start(
    _ request: HTTPRequest, completion: @escaping (Result<HTTPResponse, HTTPFailure>) -> Void
  ) -> HTTPCallID {
    lastSerial += 1
    let id = HTTPCallID(serial: lastSerial)
    if let refusal = refusal(of: request) {
      reactor.schedule(after: .zero) { completion(.failure(refusal)) }
      return id
    }
    let now = reactor.now
    let deadline = MonotonicInstant(nanoseconds: now.nanoseconds + timeLimit(of: request))
    let call = Call(id: id, request: request, startedAt: now, deadline: deadline, completion: completion)
    if running.count < configuration.maximumConnections {
      launch(call)
    } else {
      waiting.append(call)
      armWaitingTimer()
    }
    return id
  }

  /// Ends a call: its completion is called with `cancelled` before `cancel` returns.
  ///
  /// A connection in the middle of a call is closed. Unknown and finished calls are ignored.
  public func cancel(_ id: HTTPCallID) {
    if let connection = running.first(where: { $0.exchange?.call.id == id }) {
      end(connection, as: .cancelled, "the call was cancelled")
    } else if let completion = waiting.remove(id)?.completion {
      completion(.failure(Self.unsent(.cancelled, "the call was cancelled before it was sent")))
    }
  }

  /// Cancels all calls and closes all connections. Later calls fail with `cancelled`.
  public func shutdown() {
    guard let connections else { return }
    precondition(!connections.multiHandle.isInsideCurl, "HTTPClient.shutdown was called from a callback of libcurl")
    self.connections = nil
    var completions: [() -> Void] = []
    for connection in running {
      if let exchange = connection.exchange {
        let failure = exchange.failure(.cancelled, "the client was shut down")
        let completion = exchange.call.completion
        completions.append { completion(.failure(failure)) }
        exchange.giveBackBodies()
      }
      connection.exchange = nil
    }
    while let completion = waiting.popFirst()?.completion {
      completions.append { completion(.failure(Self.unsent(.cancelled, "the client was shut down"))) }
    }
    connections.closeAll(running)
    running.removeAll()
    waitingTimer?.invalidate()
    waitingTimer = nil
    for completion in completions { completion() }
  }

  // MARK: Beginning

  private func refusal(of request: HTTPRequest) -> HTTPFailure? {
    guard connections != nil else { return Self.unsent(.cancelled, "the client was shut down") }
    guard request.target.isSecure || configuration.allowPlainHTTP else {
      return Self.unsent(.invalidRequest, "plain HTTP is not allowed by the configuration")
    }
    let isFull = running.count >= configuration.maximumConnections
    guard !isFull || waiting.count < configuration.maximumWaitingCalls else {
      return Self.unsent(.resourceExhausted, "\(waiting.count) calls wait for a connection already")
    }
    return nil
  }

  /// How long a call may take, in nanoseconds.
  private func timeLimit(of request: HTTPRequest) -> Int64 {
    guard let timeout = request.timeout else { return longestTime }
    return min(max(timeout.saturatingNanoseconds, 0), longestTime)
  }

  /// Puts a call on a connection that is free, or on a new one.
  func launch(_ call: Call, onNewConnection: Bool = false) {
    guard let connections else { return fail(call, .cancelled, "the client was shut down") }
    // A call that nobody waits for any more would be executed, and billed, all the same.
    guard reactor.now < call.deadline else { return fail(call, .timedOut, "no time was left for the call") }
    let target = call.request.target
    let kept = onNewConnection ? nil : connections.takeIdle(to: target.origin)
    guard let connection = kept ?? connections.takeClosed(running: running.count) else {
      return fail(call, .resourceExhausted, "libcurl has no memory for another connection")
    }
    guard let exchange = makeExchange(call) else {
      connections.rest(connection)
      return fail(call, .bodySourceFailed, "the body ended before its announced length")
    }
    guard kept != nil || connection.open(to: target, through: connections.multiHandle) else {
      connections.rest(connection)
      return fail(call, .resourceExhausted, "libcurl has no memory for the call")
    }
    connection.exchange = exchange
    connection.place = running.count
    running.append(connection)
    if kept != nil { beginToSend(connection) } else { connection.watchdog?.arm(at: call.deadline) }
  }

  /// Nil when the source of a small body ends too early.
  private func makeExchange(_ call: Call) -> Exchange? {
    guard
      let writer = try? RequestWriter(
        call.request, userAgent: userAgent, head: heads.takeForRequest(), pool: pool)
    else {
      return nil
    }
    let answer = ResponseReader(
      pool: pool, head: heads.takeForAnswer(), headerLimit: configuration.responseHeaderLimit,
      bodyLimit: configuration.responseBodyLimit)
    return Exchange(call: call, request: writer, answer: answer)
  }

  private func fail(_ call: Call, _ kind: HTTPFailure.Kind, _ detail: String) {
    let failure = Self.unsent(kind, detail)
    let completion = call.completion
    reactor.schedule(after: .zero) { completion(.failure(failure)) }
  }

  private static func unsent(_ kind: HTTPFailure.Kind, _ detail: String) -> HTTPFailure {
    HTTPFailure(kind: kind, requestSent: false, nativeCode: 0, detail: detail)
  }

  // MARK: Ending

  /// Ends a call without an answer and closes its connection.
  func end(_ connection: Connection, as kind: HTTPFailure.Kind, code: CURLcode = CURLE_OK, _ detail: String) {
    guard let exchange = connection.exchange else { return }
    end(connection, exchange.failure(kind, code: Int32(code.rawValue), detail))
  }

  /// Ends a call without an answer and closes its connection.
  func end(_ connection: Connection, _ failure: HTTPFailure) {
    guard let connections, let completion = connection.exchange?.call.completion else { return }
    connections.close(connection)
    leaveRunning(connection)
    launchWaiting()
    completion(.failure(failure))
  }

  /// The answer is complete.
  func answered(_ connection: Connection, leavesConnectionUsable isUsable: Bool) {
    heads.giveBack(answer: deliverAnswer(connection, leavesConnectionUsable: isUsable))
  }

  /// Returns the buffer that the head of the answer was read into.
  private func deliverAnswer(_ connection: Connection, leavesConnectionUsable isUsable: Bool) -> PooledBuffer? {
    guard let connections, let exchange = connection.exchange else { return nil }
    let response = exchange.response(now: reactor.now, connectionReused: connection.hasServed, pool: pool)
    let head = exchange.answer.handOverHead()
    let completion = exchange.call.completion
    if !isUsable { connections.close(connection) }
    connection.hasServed = true
    connection.idleSince = reactor.now
    leaveRunning(connection)
    launchWaiting()
    completion(.success(response))
    return head
  }

  /// Starts the call of a lost connection once more, on a new connection.
  func repeatCall(of connection: Connection) {
    guard let connections, let call = connection.exchange?.call else { return }
    connections.close(connection)
    leaveRunning(connection)
    launch(call, onNewConnection: true)
    // It may have failed; its place is then free.
    launchWaiting()
  }

  /// Takes the call off a connection. The last of those with a call takes the place that becomes free.
  private func leaveRunning(_ connection: Connection) {
    connection.watchdog?.disarm()
    if let head = connection.exchange?.request.head { heads.giveBack(request: head) }
    connection.exchange?.giveBackBodies()
    connection.exchange = nil
    connections?.rest(connection)
    guard let last = running.popLast(), last !== connection else { return }
    last.place = connection.place
    running[connection.place] = last
  }

  // MARK: Waiting

  private func launchWaiting() {
    guard waiting.count > 0 else { return }
    while running.count < configuration.maximumConnections, let call = waiting.popFirst() { launch(call) }
  }

  private func armWaitingTimer() {
    if let deadline = waiting.earliestDeadline { waitingTimer?.arm(at: deadline) }
  }

  private func expireWaiting() {
    let completions = waiting.removeExpired(at: reactor.now).map(\.completion)
    armWaitingTimer()
    for completion in completions {
      completion(.failure(Self.unsent(.timedOut, "no connection became free in time")))
    }
  }
}
