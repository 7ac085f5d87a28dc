internal import CCurl
public import EventLoop
internal import Glibc

/// An HTTP/1.1 client on an event loop: libcurl's multi interface, kept-alive connections, verified TLS 1.2 or later.
///
/// - A `POST` is executed at most once for each `start`. libcurl would repeat it on its own when a kept-alive
///   connection dies; here the call fails with `repeatRefused` as soon as any byte of it was handed to the network.
/// - Redirects are answers. Cookies, `.netrc`, proxy variables, compression and HTTP/2 are not used.
/// - Every call ends: libcurl's timeouts are backed by a timer of the client's own.
///
/// Isolation: not `Sendable`. It is made, used and released on the thread of its reactor's loop, and not from
/// end-of-turn handlers of the reactor: a call started there would wait for the next event.
public final class HTTPClient {
  let reactor: Reactor
  let pool: BufferPool
  let configuration: HTTPClientConfiguration
  private(set) var multiHandle: MultiHandle?

  /// All transfers on the wire, each at its `place`; at most `maximumConnections`.
  private var running: [Transfer] = []
  private var free: [Transfer] = []
  private var waiting = WaitingCalls()
  private var waitingTimer: LoopTimer?
  private var lastSerial: UInt64 = 0

  /// The longest time for a call, in nanoseconds.
  private let longestTime: Int64
  /// By how many nanoseconds the client's own timer is later than libcurl's.
  private let watchdogMargin: Int64

  /// A client without connections; the first calls make them.
  ///
  /// Ignores `SIGPIPE` for the whole process. Throws for settings that cannot work and when `SSLKEYLOGFILE` is set.
  public convenience init(
    reactor: Reactor, pool: BufferPool, configuration: HTTPClientConfiguration
  ) throws(HTTPClientError) {
    try self.init(
      reactor: reactor, pool: pool, configuration: configuration, watchdogMargin: .milliseconds(250))
  }

  init(
    reactor: Reactor, pool: BufferPool, configuration: HTTPClientConfiguration, watchdogMargin: Duration
  ) throws(HTTPClientError) {
    longestTime = configuration.totalTimeout.saturatingNanoseconds
    self.watchdogMargin = watchdogMargin.saturatingNanoseconds
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
    let multiHandle = try MultiHandle(reactor: reactor, configuration: configuration) { [unowned self] transfer, code in
      finish(transfer, transfer.outcome(code, now: self.reactor.now))
    }
    self.multiHandle = multiHandle
    waitingTimer = reactor.makeTimer { [unowned self] in expireWaiting() }
    // One transfer is made at once, so that an option which this libcurl does not know is found now.
    free.append(try Transfer(client: self, connections: multiHandle))
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
    let limit = timeLimit(of: request)
    let now = reactor.now
    let deadline = MonotonicInstant(nanoseconds: now.nanoseconds + limit + watchdogMargin)
    let call = Transfer.Call(id: id, startedAt: now, deadline: deadline, completion: completion)
    if running.count < configuration.maximumConnections {
      launch(request, as: call, within: limit)
    } else {
      waiting.append(WaitingCalls.Entry(request: request, call: call))
      armWaitingTimer()
    }
    return id
  }

  /// Ends a call: its completion is called with `cancelled` before `cancel` returns.
  ///
  /// A connection in the middle of a call is closed. Unknown and finished calls are ignored.
  public func cancel(_ id: HTTPCallID) {
    if let transfer = running.first(where: { $0.call?.id == id }) {
      end(transfer, as: .cancelled, detail: "the call was cancelled")
    } else if let entry = waiting.remove(id) {
      entry.call.completion(.failure(Self.unsent(.cancelled, "the call was cancelled before it was sent")))
    }
  }

  /// Cancels all calls and closes all connections. Later calls fail with `cancelled`.
  public func shutdown() {
    guard let multiHandle else { return }
    precondition(!multiHandle.isInsideCurl, "HTTPClient.shutdown was called from a callback of libcurl")
    self.multiHandle = nil
    var completions: [() -> Void] = []
    for transfer in running {
      multiHandle.remove(transfer)
      let failure = transfer.failure(.cancelled, detail: "the client was shut down")
      if let completion = transfer.call?.completion { completions.append { completion(.failure(failure)) } }
      transfer.end()
    }
    while let entry = waiting.popFirst() {
      completions.append { entry.call.completion(.failure(Self.unsent(.cancelled, "the client was shut down"))) }
    }
    running.removeAll()
    multiHandle.close()
    free.removeAll()
    waitingTimer?.invalidate()
    waitingTimer = nil
    for completion in completions { completion() }
  }

  // MARK: Beginning

  private func refusal(of request: HTTPRequest) -> HTTPFailure? {
    guard multiHandle != nil else { return Self.unsent(.cancelled, "the client was shut down") }
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

  private func launch(_ request: HTTPRequest, as call: consuming Transfer.Call, within limit: Int64) {
    guard let multiHandle else { return fail(call, Self.unsent(.cancelled, "the client was shut down")) }
    guard let transfer = free.popLast() ?? (try? Transfer(client: self, connections: multiHandle)) else {
      return fail(call, Self.unsent(.resourceExhausted, "libcurl has no memory for another call"))
    }
    let deadline = call.deadline
    guard transfer.begin(request, as: call, within: limit), multiHandle.add(transfer) else {
      if let call = transfer.call { fail(call, Self.unsent(.resourceExhausted, "libcurl has no memory for the call")) }
      return transfer.end()
    }
    transfer.watchdog?.arm(at: deadline)
    transfer.place = running.count
    running.append(transfer)
  }

  private func fail(_ call: Transfer.Call, _ failure: HTTPFailure) {
    let completion = call.completion
    reactor.schedule(after: .zero) { completion(.failure(failure)) }
  }

  private static func unsent(_ kind: HTTPFailure.Kind, _ detail: String) -> HTTPFailure {
    HTTPFailure(kind: kind, requestSent: false, nativeCode: 0, detail: detail)
  }

  // MARK: Ending

  /// libcurl has not ended the call in time, or a callback wants it ended.
  func watchdogFired(_ transfer: Transfer) {
    end(transfer, as: transfer.progress.abortKind ?? .timedOut, detail: "the call did not end in time")
  }

  /// Takes a call away from libcurl.
  private func end(_ transfer: Transfer, as kind: HTTPFailure.Kind, detail: String) {
    guard transfer.call != nil else { return }
    multiHandle?.remove(transfer)
    finish(transfer, .failure(transfer.failure(kind, detail: detail)))
  }

  private func finish(_ transfer: Transfer, _ result: Result<HTTPResponse, HTTPFailure>) {
    guard let completion = transfer.call?.completion else { return }
    leaveRunning(transfer)
    transfer.end()
    free.append(transfer)
    launchWaiting()
    completion(result)
  }

  /// The last of those on the wire takes the place that becomes free.
  private func leaveRunning(_ transfer: Transfer) {
    guard let last = running.popLast(), last !== transfer else { return }
    last.place = transfer.place
    running[transfer.place] = last
  }

  // MARK: Waiting

  private func launchWaiting() {
    guard waiting.count > 0 else { return }
    while running.count < configuration.maximumConnections, let entry = waiting.popFirst() {
      let left = entry.call.deadline.nanoseconds - reactor.now.nanoseconds - watchdogMargin
      launch(entry.request, as: entry.call, within: left)
    }
  }

  private func armWaitingTimer() {
    if let deadline = waiting.earliestDeadline { waitingTimer?.arm(at: deadline) }
  }

  private func expireWaiting() {
    let expired = waiting.removeExpired(at: reactor.now)
    armWaitingTimer()
    for entry in expired {
      entry.call.completion(.failure(Self.unsent(.timedOut, "no connection became free in time")))
    }
  }
}
