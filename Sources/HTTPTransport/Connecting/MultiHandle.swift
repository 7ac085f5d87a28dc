internal import CCurl
internal import CLinux
internal import EventLoop
internal import Glibc

/// libcurl's multi handle on a reactor: makes connections, with their sockets and its one timer.
///
/// The connections stay in it, because libcurl closes those that are taken out.
///
/// Isolation: the loop's thread. libcurl is never called from inside of its own callbacks, and nothing of ours runs
/// inside them but the table updates below.
///
/// Connections are reported from socket and timer handlers only, never from the end-of-turn handler: what a report
/// queues elsewhere (jobs, frames to send) is then still seen by the other end-of-turn handlers of the same turn.
final class MultiHandle {
  /// Whether libcurl is on the stack. Calling it then would be a bug of ours.
  private(set) var isInsideCurl = false
  /// The connections that were added, and how many of them libcurl is still making.
  private(set) var added = 0
  private var connecting = 0

  private let reactor: Reactor
  private let unacknowledgedMilliseconds: Int32
  private let onConnected: (Connection, CURLcode) -> Void
  private var multi: UnsafeMutableRawPointer?
  /// What the reactor watches for libcurl, by descriptor; empty for a descriptor that is not registered.
  private var watched: [IOEvents] = []
  /// The time at which libcurl wants to be called.
  private var timer: LoopTimer?
  /// Calls libcurl in the next turn, when the end-of-turn handler left something to do.
  private var soon: LoopTimer?
  private var turnHandler: Reactor.TurnHandlerID?
  /// libcurl asked to be called soon, but not from inside its callback.
  private var kickPending = false
  private var hasFinished = false

  init(
    reactor: Reactor, configuration: HTTPClientConfiguration, onConnected: @escaping (Connection, CURLcode) -> Void
  ) throws(HTTPClientError) {
    guard let multi = curl_multi_init() else {
      throw .libraryFailed(operation: "curl_multi_init", detail: "out of memory")
    }
    self.reactor = reactor
    unacknowledgedMilliseconds = Int32(configuration.unacknowledgedLimit.wholeMilliseconds)
    self.onConnected = onConnected
    self.multi = multi
    timer = reactor.makeTimer { [unowned self] in timerFired() }
    soon = reactor.makeTimer { [unowned self] in timerFired() }
    turnHandler = reactor.addTurnHandler { [unowned self] in kick() }
    configure(multi)
  }

  deinit {
    close()
  }

  private func configure(_ multi: UnsafeMutableRawPointer) {
    // The context of these callbacks is this object, unretained: it owns the multi handle and ends it in `close`.
    let context = Unmanaged.passUnretained(self).toOpaque()
    curl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context)
    curl_multi_set_socket_function(multi) { easy, descriptor, action, context, _ in
      guard let context else { return 0 }
      Unmanaged<MultiHandle>.fromOpaque(context).takeUnretainedValue()
        .socketChanged(descriptor, action: action, easy: easy)
      return 0
    }
    curl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context)
    curl_multi_set_timer_function(multi) { _, milliseconds, context in
      guard let context else { return 0 }
      Unmanaged<MultiHandle>.fromOpaque(context).takeUnretainedValue().timerChanged(milliseconds)
      return 0
    }
  }

  // MARK: Connections

  /// Begins to make a connection; libcurl is entered at the end of the turn. Returns whether libcurl took it.
  func add(_ connection: Connection) -> Bool {
    precondition(!isInsideCurl, "MultiHandle.add was called from a callback of libcurl")
    guard let multi else { return false }
    isInsideCurl = true
    defer { isInsideCurl = false }
    guard curl_multi_add_handle(multi, connection.easy) == CURLM_OK else { return false }
    added += 1
    connecting += 1
    return true
  }

  /// Closes a connection, or ends the attempt to make it.
  func remove(_ connection: Connection, isConnecting: Bool) {
    precondition(!isInsideCurl, "MultiHandle.remove was called from a callback of libcurl")
    guard let multi else { return }
    isInsideCurl = true
    curl_multi_remove_handle(multi, connection.easy)
    isInsideCurl = false
    added -= 1
    if isConnecting { connecting -= 1 }
  }

  /// Closes all connections and gives everything back. All must have been removed.
  func close() {
    guard let multi else { return }
    precondition(added == 0, "MultiHandle.close: \(added) connections are still there")
    isInsideCurl = true
    curl_multi_cleanup(multi)
    isInsideCurl = false
    self.multi = nil
    for descriptor in watched.indices { stopWatching(Int32(descriptor)) }
    timer?.invalidate()
    timer = nil
    soon?.invalidate()
    soon = nil
    if let turnHandler { reactor.removeTurnHandler(turnHandler) }
    turnHandler = nil
  }

  // MARK: Driving

  private func drive(_ descriptor: curl_socket_t, _ events: Int32) {
    guard let multi else { return }
    var running: Int32 = 0
    isInsideCurl = true
    // A failure here is one of memory; the connections that it leaves hanging are ended by the client.
    curl_multi_socket_action(multi, descriptor, events, &running)
    isInsideCurl = false
    hasFinished = Int(running) < connecting
  }

  private func reportFinished() {
    guard hasFinished else { return }
    hasFinished = false
    var remaining: Int32 = 0
    // Reports may start, cancel or shut down; the handle is therefore looked at anew each time.
    while let multi, let message = curl_multi_info_read(multi, &remaining) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
      let code = message.pointee.data.result
      guard let connection = Connection.of(easy) else { continue }
      connecting -= 1
      connection.connectEnded()
      onConnected(connection, code)
    }
  }

  private func kick() {
    guard kickPending else { return }
    kickPending = false
    drive(CURL_SOCKET_TIMEOUT, 0)
    if hasFinished || kickPending { soon?.arm(after: .zero) }
  }

  private func timerFired() {
    kickPending = false
    drive(CURL_SOCKET_TIMEOUT, 0)
    reportFinished()
  }

  private func ready(_ descriptor: Int32, _ events: IOEvents) {
    var flags: Int32 = 0
    // A reset connection may still hold an answer: hang-up and error count as readable, and reading tells the error.
    if !events.isDisjoint(with: [.readable, .hangUp, .error]) { flags |= CURL_CSELECT_IN }
    if events.contains(.writable) { flags |= CURL_CSELECT_OUT }
    drive(descriptor, flags)
    reportFinished()
  }

  // MARK: Callbacks of libcurl

  private func timerChanged(_ milliseconds: Int) {
    switch milliseconds {
    case ..<0:
      kickPending = false
      timer?.disarm()
    case 0:
      kickPending = true
    default:
      kickPending = false
      timer?.arm(after: .milliseconds(milliseconds))
    }
  }

  private func socketChanged(_ descriptor: curl_socket_t, action: Int32, easy: UnsafeMutableRawPointer?) {
    guard descriptor >= 0 else { return }
    makeRoom(for: descriptor)
    guard action != CURL_POLL_REMOVE else { return stopWatching(descriptor) }
    var interest: IOEvents = []
    if action & CURL_POLL_IN != 0 { interest.insert(.readable) }
    if action & CURL_POLL_OUT != 0 { interest.insert(.writable) }
    guard watched[Int(descriptor)] != interest else { return }
    guard !watch(descriptor, interest), let easy else { return }
    Connection.of(easy)?.failSoon(.resourceExhausted, "no connection can be watched any more")
  }

  /// A new connection, before it connects. libcurl's other descriptors (the resolver's) are closed without a word to us.
  func connectionOpened(_ descriptor: curl_socket_t) {
    guard descriptor >= 0 else { return }
    makeRoom(for: descriptor)
    // Should libcurl ever have closed the number's last owner without a report, its registration is void.
    stopWatching(descriptor)
    // Children of this process have no business with it.
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    // Ends a connection whose peer has vanished while bytes are under way; keep-alive probes only see idle ones.
    var limit = unacknowledgedMilliseconds
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &limit, socklen_t(MemoryLayout<Int32>.size))
  }

  /// A connection is to be closed: libcurl leaves that to us.
  func connectionClosing(_ descriptor: curl_socket_t) -> Int32 {
    if Int(descriptor) < watched.count { watched[Int(descriptor)] = [] }
    reactor.deregister(descriptor)
    return Glibc.close(descriptor)
  }

  // MARK: Descriptors

  private func makeRoom(for descriptor: Int32) {
    while watched.count <= Int(descriptor) { watched.append([]) }
  }

  private func watch(_ descriptor: Int32, _ interest: IOEvents) -> Bool {
    do throws(EventLoopError) {
      if watched[Int(descriptor)].isEmpty {
        try reactor.register(descriptor, for: interest) { [unowned self] events in ready(descriptor, events) }
      } else {
        try reactor.modify(descriptor, interest: interest)
      }
      watched[Int(descriptor)] = interest
      return true
    } catch {
      return false
    }
  }

  private func stopWatching(_ descriptor: Int32) {
    guard Int(descriptor) < watched.count, !watched[Int(descriptor)].isEmpty else { return }
    reactor.deregister(descriptor)
    watched[Int(descriptor)] = []
  }
}
