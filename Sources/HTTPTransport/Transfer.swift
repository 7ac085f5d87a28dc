internal import CCurl
internal import EventLoop

/// One easy handle of libcurl and the call that it carries out now.
///
/// Isolation: the loop's thread. The client owns its transfers until it shuts down; libcurl's callbacks hold the
/// transfer as an unretained context, which is valid because the easy handle dies in the transfer's `deinit`.
final class Transfer {
  /// The handle. Owned: made in `init`, freed in `deinit`.
  let easy: UnsafeMutableRawPointer

  let bodyLimit: Int
  let headerLimit: Int
  let pool: BufferPool
  /// libcurl's text for the last failure.
  let errorText: UnsafeMutableBufferPointer<CChar>
  /// Ends the call when libcurl does not.
  private(set) var watchdog: LoopTimer?

  // What the handle is set to: options are only set again when they differ.
  var target: HTTPTarget?
  var headers: HTTPHeaders?
  var hasExtraHeaders = false
  var method: HTTPMethod?
  var timeoutMilliseconds: Int?
  var uploadBufferSize: Int?
  /// Nodes for the headers of one call, chained before the shared list.
  let extraNodes = ExtraHeaderNodes()

  /// Where the client keeps the transfer while it is on the wire.
  var place = 0
  /// The call, or `nil` while the transfer is free.
  var call: Call?
  /// What the call uses and how far it is; empty while the transfer is free.
  var progress = Progress()

  /// Which call it is and who waits for it.
  struct Call {
    let id: HTTPCallID
    let startedAt: MonotonicInstant
    /// When the client ends the call itself.
    let deadline: MonotonicInstant
    let completion: (Result<HTTPResponse, HTTPFailure>) -> Void
  }

  /// Everything else that belongs to one call and goes with it. Apart from the call, so that libcurl's callbacks change
  /// it in place.
  struct Progress {
    /// Sent in place; kept until the call ends.
    var requestBody: PooledBuffer?
    var source: (any HTTPBodySource)?
    var extraHeaders: [HTTPHeaderLine] = []
    var bodyLength = 0
    var bodyBytesRead = 0
    /// How often the request was about to be sent.
    var attempts = 0
    /// Request bytes sent before the current attempt (a proxy's CONNECT counts too).
    var bytesBeforeAttempt = 0
    var responseHead: PooledBuffer?
    var responseBody: PooledBuffer?
    var headerBytes = 0
    /// Set by a callback that ends the call: the real reason behind libcurl's code.
    var abortKind: HTTPFailure.Kind?
  }

  init(client: HTTPClient, connections: MultiHandle) throws(HTTPClientError) {
    guard let easy = curl_easy_init() else {
      throw .libraryFailed(operation: "curl_easy_init", detail: "out of memory")
    }
    self.easy = easy
    pool = client.pool
    bodyLimit = client.configuration.responseBodyLimit
    headerLimit = client.configuration.responseHeaderLimit
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0)
    watchdog = client.reactor.makeTimer { [unowned self, unowned client] in client.watchdogFired(self) }
    try setUp(client.configuration, connections: connections)
  }

  deinit {
    curl_easy_cleanup(easy)
    errorText.deallocate()
    watchdog?.invalidate()
  }

  /// The transfer that owns `easy`.
  static func of(_ easy: UnsafeMutableRawPointer) -> Transfer? {
    var context: UnsafeMutableRawPointer?
    guard curl_get_private(easy, &context) == CURLE_OK, let context else { return nil }
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  }

  /// Lets the watchdog end the call in the next turn: for callbacks that may not end it themselves.
  func endSoon(as kind: HTTPFailure.Kind) {
    guard call != nil else { return }
    progress.abortKind = kind
    watchdog?.arm(after: .zero)
  }
}
