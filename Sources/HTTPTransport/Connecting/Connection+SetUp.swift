internal import CCurl
internal import Glibc

extension Connection {
  /// Sets what is the same for all connections. Throws when this libcurl lacks an option: none of them may be missing.
  func setUp(
    _ configuration: HTTPClientConfiguration, connections: MultiHandle,
    errorText: UnsafeMutableBufferPointer<CChar>
  ) throws(HTTPClientError) {
    try setUpIdentity(configuration, errorText)
    try setUpSecurity(configuration)
    try setUpConnections(configuration, connections)
  }

  private func setUpIdentity(
    _ configuration: HTTPClientConfiguration, _ errorText: UnsafeMutableBufferPointer<CChar>
  ) throws(HTTPClientError) {
    // Unretained, as explained at the class.
    try set(CURLOPT_PRIVATE, Unmanaged.passUnretained(self).toOpaque())
    try set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText.baseAddress))
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_VERBOSE, 0)
    try set(CURLOPT_NOPROGRESS, 1)
    try set(CURLOPT_USERAGENT, configuration.userAgent)
    try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    try set(CURLOPT_CONNECT_ONLY, 1)
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
    // A proxy sees a CONNECT request and nothing else, for http:// too. What it says besides goes nowhere.
    try set(CURLOPT_HTTPPROXYTUNNEL, 1)
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    try check(curl_set_write_function(easy) { _, size, count, _ in size * count }, CURLOPT_WRITEFUNCTION)
  }

  private func setUpConnections(
    _ configuration: HTTPClientConfiguration, _ connections: MultiHandle
  ) throws(HTTPClientError) {
    try set(CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.wholeMilliseconds)
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
        guard let owner else { return Glibc.close(descriptor) }
        return Unmanaged<MultiHandle>.fromOpaque(owner).takeUnretainedValue().connectionClosing(descriptor)
      }, CURLOPT_CLOSESOCKETFUNCTION)
  }

  // MARK: Options

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
}
