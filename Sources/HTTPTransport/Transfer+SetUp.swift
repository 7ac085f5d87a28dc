internal import CCurl
internal import Glibc

extension Transfer {
  /// Sets what is the same for all calls. Throws when this libcurl lacks an option: none of them may be missing.
  func setUp(_ configuration: HTTPClientConfiguration, connections: MultiHandle) throws(HTTPClientError) {
    try setUpIdentity(configuration)
    try setUpSecurity(configuration)
    try setUpLimits(configuration)
    try setUpConnections(configuration, connections)
    try setUpCallbacks()
  }

  private func setUpIdentity(_ configuration: HTTPClientConfiguration) throws(HTTPClientError) {
    // The context of all callbacks below: unretained, as explained at the class.
    try set(CURLOPT_PRIVATE, context)
    try set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText.baseAddress))
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_VERBOSE, 0)
    try set(CURLOPT_NOPROGRESS, 1)
    try set(CURLOPT_USERAGENT, configuration.userAgent)
    try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
  }

  private func setUpSecurity(_ configuration: HTTPClientConfiguration) throws(HTTPClientError) {
    try set(CURLOPT_PROTOCOLS_STR, configuration.allowPlainHTTP ? "https,http" : "https")
    try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    try set(CURLOPT_SSL_VERIFYPEER, 1)
    try set(CURLOPT_SSL_VERIFYHOST, 2)
    if let caFile = configuration.caFile {
      try set(CURLOPT_CAINFO, caFile)
      // The system's directory of certificates would be trusted besides the file.
      try set(CURLOPT_CAPATH, nil as String?)
      if configuration.proxy != nil {
        try set(CURLOPT_PROXY_CAINFO, caFile)
        try set(CURLOPT_PROXY_CAPATH, nil as String?)
      }
    }
    // Parsed certificates are kept, but not for libcurl's usual day: a renewed file counts within the hour.
    try set(CURLOPT_CA_CACHE_TIMEOUT, 3600)
    // An empty string, unlike none, keeps libcurl from reading the environment.
    try set(CURLOPT_PROXY, configuration.proxy ?? "")
    try set(CURLOPT_NOPROXY, "")
    // The proxy sees the CONNECT request only, not the token.
    try set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
  }

  private func setUpLimits(_ configuration: HTTPClientConfiguration) throws(HTTPClientError) {
    try set(CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.wholeMilliseconds)
    if configuration.lowSpeedDuration > .zero {
      try set(CURLOPT_LOW_SPEED_LIMIT, configuration.lowSpeedBytesPerSecond)
      try set(CURLOPT_LOW_SPEED_TIME, configuration.lowSpeedDuration.wholeSeconds)
    }
    try check(
      curl_set_offset(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(configuration.responseBodyLimit)),
      CURLOPT_MAXFILESIZE_LARGE)
  }

  private func setUpConnections(
    _ configuration: HTTPClientConfiguration, _ connections: MultiHandle
  ) throws(HTTPClientError) {
    try set(CURLOPT_MAXAGE_CONN, configuration.connectionIdleLimit.wholeSeconds)
    try set(CURLOPT_MAXLIFETIME_CONN, configuration.connectionLifetime.wholeSeconds)
    // Without it, ending a call waits for its name lookup.
    try set(CURLOPT_QUICK_EXIT, 1)
    try set(CURLOPT_TCP_NODELAY, 1)
    try set(CURLOPT_TCP_KEEPALIVE, 1)
    try set(CURLOPT_TCP_KEEPIDLE, 15)
    try set(CURLOPT_TCP_KEEPINTVL, 5)
    // Connections outlive transfers: their context is the multi handle, which closes them before it goes.
    let owner = Unmanaged.passUnretained(connections).toOpaque()
    try set(CURLOPT_SOCKOPTDATA, owner)
    try check(
      curl_set_sockopt_function(easy) { owner, descriptor, _ in
        guard let owner else { return CURL_SOCKOPT_ERROR }
        Unmanaged<MultiHandle>.fromOpaque(owner).takeUnretainedValue().connectionOpened(descriptor)
        return CURL_SOCKOPT_OK
      }, CURLOPT_SOCKOPTFUNCTION)
    try set(CURLOPT_CLOSESOCKETDATA, owner)
    try check(
      curl_set_closesocket_function(easy) { owner, descriptor in
        guard let owner else { return close(descriptor) }
        return Unmanaged<MultiHandle>.fromOpaque(owner).takeUnretainedValue().connectionClosing(descriptor)
      }, CURLOPT_CLOSESOCKETFUNCTION)
  }

  // MARK: Options

  private var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  private func set(_ option: CURLoption, _ value: Int) throws(HTTPClientError) {
    try check(curl_set_long(easy, option, value), option)
  }

  private func set(_ option: CURLoption, _ value: String?) throws(HTTPClientError) {
    try check(curl_set_string(easy, option, value), option)
  }

  private func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) throws(HTTPClientError) {
    try check(curl_set_pointer(easy, option, value), option)
  }

  private func check(_ code: CURLcode, _ option: CURLoption) throws(HTTPClientError) {
    guard code != CURLE_OK else { return }
    throw .libraryFailed(
      operation: "curl_easy_setopt(\(option.rawValue))", detail: String(cString: curl_easy_strerror(code)))
  }

  // MARK: Callbacks

  private func setUpCallbacks() throws(HTTPClientError) {
    try set(CURLOPT_WRITEDATA, context)
    try check(
      curl_set_data_function(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
        guard let context else { return 0 }
        return Transfer.from(context) { $0.bodyArrived(UnsafeRawBufferPointer(start: bytes, count: size * count)) }
      }, CURLOPT_WRITEFUNCTION)
    try set(CURLOPT_HEADERDATA, context)
    try check(
      curl_set_data_function(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
        guard let context else { return 0 }
        return Transfer.from(context) { $0.headerArrived(UnsafeRawBufferPointer(start: bytes, count: size * count)) }
      }, CURLOPT_HEADERFUNCTION)
    try set(CURLOPT_READDATA, context)
    try check(
      curl_set_data_function(easy, CURLOPT_READFUNCTION) { bytes, size, count, context in
        guard let context else { return Int(CURL_READFUNC_ABORT) }
        return Transfer.from(context) {
          $0.bodyWanted(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
        }
      }, CURLOPT_READFUNCTION)
    try check(curl_set_seek_function(easy) { _, _, _ in CURL_SEEKFUNC_FAIL }, CURLOPT_SEEKFUNCTION)
    try set(CURLOPT_PREREQDATA, context)
    try check(
      curl_set_prereq_function(easy) { context, _, _, _, _ in
        guard let context else { return CURL_PREREQFUNC_ABORT }
        return Transfer.from(context) { $0.mayBeSent() } ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
      }, CURLOPT_PREREQFUNCTION)
  }

  /// The transfer lives as long as its handle, so that nothing is counted for a callback.
  @inline(__always)
  private static func from<Answer>(_ context: UnsafeMutableRawPointer, _ body: (Transfer) -> Answer) -> Answer {
    Unmanaged<Transfer>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
  }
}
