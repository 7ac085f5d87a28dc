internal import CCurl

/// A URL that was checked once and is called often.
public final class HTTPTarget: Sendable, CustomStringConvertible {
  /// The host name, for log lines and metrics.
  public let host: String
  /// Whether the connection is protected by TLS.
  public let isSecure: Bool
  /// Scheme, host, port and path, without the query: safe to log.
  public let description: String

  /// Scheme, host and port: what a connection is made to.
  let origin: String
  /// What follows the method in a request: path and query, the version, and the `Host` line.
  let requestLine: [UInt8]

  /// Checks `url`: absolute, `https` or `http`, without user name, password or fragment.
  public init(_ url: String) throws(HTTPClientError) {
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw .invalidTarget(problem: "a URL consists of printable ASCII; encode everything else with %")
    }
    guard let parts = curl_url() else { throw .libraryFailed(operation: "curl_url", detail: "out of memory") }
    defer { curl_url_cleanup(parts) }
    let parsed = curl_url_set(parts, CURLUPART_URL, url, 0)
    guard parsed == CURLUE_OK else {
      throw .invalidTarget(problem: String(cString: curl_url_strerror(parsed)))
    }
    for (part, name) in [
      (CURLUPART_USER, "user name"), (CURLUPART_PASSWORD, "password"), (CURLUPART_FRAGMENT, "fragment"),
    ]
    where Self.text(of: part, in: parts) != nil {
      throw .invalidTarget(problem: "the URL must not contain a \(name)")
    }
    guard let scheme = Self.text(of: CURLUPART_SCHEME, in: parts), scheme == "https" || scheme == "http" else {
      throw .invalidTarget(problem: "the URL must begin with https:// (or http:// where that is allowed)")
    }
    guard let host = Self.text(of: CURLUPART_HOST, in: parts), !host.isEmpty else {
      throw .invalidTarget(problem: "the URL names no host")
    }
    let port = Self.text(of: CURLUPART_PORT, in: parts).map { ":" + $0 } ?? ""
    let path = Self.text(of: CURLUPART_PATH, in: parts) ?? "/"
    let query = Self.text(of: CURLUPART_QUERY, in: parts).map { "?" + $0 } ?? ""
    self.host = host
    isSecure = scheme == "https"
    origin = "\(scheme)://\(host)\(port)"
    description = origin + path
    requestLine = Array(" \(path)\(query) HTTP/1.1\r\nHost: \(host)\(port)\r\n".utf8)
  }

  private static func text(of part: CURLUPart, in parts: OpaquePointer) -> String? {
    var value: UnsafeMutablePointer<CChar>?
    guard curl_url_get(parts, part, &value, 0) == CURLUE_OK, let value else { return nil }
    defer { curl_free(value) }
    return String(cString: value)
  }
}
