internal import CCurl
internal import COpenSSL
internal import EventLoop

/// One easy handle of libcurl: it makes a connection (name lookup, proxy, TCP, TLS) and then carries bytes for us.
///
/// libcurl is told to connect only (`CURLOPT_CONNECT_ONLY`). The requests on the connection are the client's own: libcurl
/// would format a token of some KB byte by byte for each call, and would repeat a `POST` by itself when a kept-alive
/// connection dies.
///
/// Isolation: the loop's thread. The client owns its connections; libcurl's callbacks hold them as an unretained context,
/// which is valid because the easy handle dies in `deinit`.
final class Connection {
  /// The handle. Owned: made in `init`, freed in `deinit`.
  let easy: UnsafeMutableRawPointer
  /// Where the connection leads to: scheme, host and port.
  private(set) var origin = ""
  private var isSecure = false
  private(set) var phase = Phase.closed
  /// When the connection was made.
  private(set) var openedAt = MonotonicInstant(nanoseconds: 0)
  /// When the last call on it ended.
  var idleSince = MonotonicInstant(nanoseconds: 0)
  /// Whether a call was answered on it.
  var hasServed = false
  /// Whether the server has ended the connection, although some of what it sent may not be read yet.
  var serverHasEnded = false
  /// Where the client keeps the connection while a call is on it.
  var place = 0
  /// The call that the connection carries or is made for.
  var exchange: Exchange?
  /// Looks after the call when neither bytes nor libcurl do.
  private(set) var watchdog: LoopTimer?
  /// libcurl's text for the last failure.
  private let errorText: UnsafeMutableBufferPointer<CChar>

  /// What the connection can do.
  enum Phase: Equatable {
    case closed
    case connecting
    /// libcurl has connected, or given up.
    case connectEnded
    /// Bytes go through this descriptor, which belongs to libcurl.
    case open(descriptor: Int32, watched: IOEvents)
  }

  init(client: HTTPClient, connections: MultiHandle) throws(HTTPClientError) {
    guard let easy = curl_easy_init() else {
      throw .libraryFailed(operation: "curl_easy_init", detail: "out of memory")
    }
    self.easy = easy
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0)
    watchdog = client.reactor.makeTimer { [unowned self, unowned client] in client.look(after: self) }
    try setUp(client.configuration, connections: connections, errorText: errorText)
  }

  deinit {
    curl_easy_cleanup(easy)
    errorText.deallocate()
    watchdog?.invalidate()
  }

  /// The connection that owns `easy`.
  static func of(_ easy: UnsafeMutableRawPointer) -> Connection? {
    var context: UnsafeMutableRawPointer?
    guard curl_get_private(easy, &context) == CURLE_OK, let context else { return nil }
    return Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
  }

  /// Ends the call in the next turn: for places that may not end it themselves.
  func failSoon(_ kind: HTTPFailure.Kind, _ detail: String) {
    let failure = exchange?.failure(kind, detail)
    exchange?.failsSoon = failure
    watchdog?.arm(after: .zero)
  }

  // MARK: Opening and closing

  /// Begins to connect. Returns whether libcurl took it.
  func open(to target: HTTPTarget, through connections: MultiHandle) -> Bool {
    precondition(phase == .closed, "Connection.open in \(phase)")
    if origin != target.origin {
      guard curl_set_string(easy, CURLOPT_URL, target.origin) == CURLE_OK else { return false }
      (origin, isSecure) = (target.origin, target.isSecure)
    }
    errorText[0] = 0
    guard connections.add(self) else { return false }
    phase = .connecting
    return true
  }

  /// libcurl has connected, or given up.
  func connectEnded() {
    phase = .connectEnded
  }

  /// What is always watched.
  private static let reading: IOEvents = [.readable, .peerEnded]

  /// Whether the connection can carry a call.
  var isOpen: Bool { if case .open = phase { true } else { false } }

  /// libcurl has connected: `ready` is called when bytes can be read or written from now on.
  /// Returns false when the system refuses to watch the descriptor.
  func opened(on reactor: Reactor, _ ready: @escaping (IOEvents) -> Void) -> Bool {
    var descriptor: curl_socket_t = -1
    guard curl_get_socket(easy, &descriptor) == CURLE_OK, descriptor >= 0 else { return false }
    guard (try? reactor.register(descriptor, for: Self.reading, handler: ready)) != nil else { return false }
    phase = .open(descriptor: descriptor, watched: Self.reading)
    openedAt = reactor.now
    (hasServed, serverHasEnded) = (false, false)
    return true
  }

  /// Closes the connection, or ends the attempt to make one.
  func close(_ connections: MultiHandle, on reactor: Reactor) {
    if case .open(let descriptor, _) = phase { reactor.deregister(descriptor) }
    if phase != .closed { connections.remove(self, isConnecting: phase == .connecting) }
    phase = .closed
  }

  // MARK: Bytes

  /// Sends some of `bytes`; 0 when the connection takes no more now. A failed try must be repeated with the same bytes.
  func send(_ bytes: UnsafeRawBufferPointer) throws(ConnectionFailure) -> Int {
    var count = 0
    let code = curl_easy_send(easy, bytes.baseAddress, bytes.count, &count)
    if code == CURLE_AGAIN { return 0 }
    guard code == CURLE_OK else { throw ConnectionFailure(code: code, detail: detail(code)) }
    return count
  }

  /// Receives what is there; nil when there is nothing now, 0 when the server has ended the connection.
  func receive(into room: UnsafeMutableRawBufferPointer) throws(ConnectionFailure) -> Int? {
    var count = 0
    let code = curl_easy_recv(easy, room.baseAddress, room.count, &count)
    if code == CURLE_AGAIN { return nil }
    guard code == CURLE_OK else { throw ConnectionFailure(code: code, detail: detail(code)) }
    guard count > 0 || !isSecure || serverHasEndedTLS else {
      throw ConnectionFailure(code: CURLE_RECV_ERROR, detail: "the connection was cut, TLS was not ended")
    }
    return count
  }

  /// Whether the server itself said that it sends no more (`close_notify`). Anybody on the way can end a TCP
  /// connection, which libcurl reports in the same way.
  private var serverHasEndedTLS: Bool {
    var session: UnsafeMutablePointer<curl_tlssessioninfo>?
    guard curl_get_tls_session(easy, &session) == CURLE_OK, let session = session?.pointee else { return false }
    guard session.backend == CURLSSLBACKEND_OPENSSL, let connection = session.internals else { return false }
    return SSL_get_shutdown(OpaquePointer(connection)) & SSL_RECEIVED_SHUTDOWN != 0
  }

  /// Waits for room to write besides bytes to read, or no longer. Returns false when the system refuses.
  func watchWriting(_ isWanted: Bool, on reactor: Reactor) -> Bool {
    guard case .open(let descriptor, let watched) = phase else { return false }
    let interest = isWanted ? Self.reading.union(.writable) : Self.reading
    guard interest != watched else { return true }
    guard (try? reactor.modify(descriptor, interest: interest)) != nil else { return false }
    phase = .open(descriptor: descriptor, watched: interest)
    return true
  }

  /// libcurl's text. It can quote what the peer sent (names in a certificate): hence cut and cleaned.
  func detail(_ code: CURLcode) -> String {
    let text = errorText.prefix { $0 != 0 }.prefix(200).map { character -> UInt8 in
      let byte = UInt8(bitPattern: character)
      return byte >= 0x20 && byte < 0x7F ? byte : UInt8(ascii: "?")
    }
    guard text.isEmpty else { return String(decoding: text, as: UTF8.self) }
    return String(cString: curl_easy_strerror(code))
  }
}
