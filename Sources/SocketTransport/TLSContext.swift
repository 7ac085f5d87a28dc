internal import COpenSSL

/// Owner of an OpenSSL context: trust and the client's identity, read from files when it is made.
package final class TLSContext {
  package let settings: TLSSettings
  private let handle: OpaquePointer

  package init(_ settings: TLSSettings) throws(SocketFailure) {
    self.settings = settings
    guard let handle = SSL_CTX_new(TLS_client_method()) else {
      throw SocketFailure(.tls, "OpenSSL gave no context: \(openSSLErrors())")
    }
    self.handle = handle
    _ = openssl_set_min_tls12(handle)
    _ = openssl_set_write_modes(handle)
    SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nil)
    try loadTrust()
    try loadIdentity()
  }

  deinit {
    SSL_CTX_free(handle)
  }

  /// A TLS stream over a connected socket to `host`.
  package func stream(descriptor: Int32, host: String) throws(SocketFailure) -> TLSStream {
    guard let connection = SSL_new(handle) else { throw SocketFailure(.tls, openSSLErrors()) }
    return try TLSStream(connection: connection, descriptor: descriptor, host: settings.serverName ?? host)
  }

  private func loadTrust() throws(SocketFailure) {
    if let file = settings.caFile {
      guard SSL_CTX_load_verify_locations(handle, file, nil) == 1 else {
        throw SocketFailure(.tls, "cannot read the CA file \(file): \(openSSLErrors())")
      }
    } else {
      SSL_CTX_set_default_verify_paths(handle)
    }
  }

  private func loadIdentity() throws(SocketFailure) {
    guard let certificate = settings.certificateFile else { return }
    guard SSL_CTX_use_certificate_chain_file(handle, certificate) == 1 else {
      throw SocketFailure(.tls, "cannot read the client certificate \(certificate): \(openSSLErrors())")
    }
    let key = settings.keyFile ?? certificate
    guard SSL_CTX_use_PrivateKey_file(handle, key, SSL_FILETYPE_PEM) == 1, SSL_CTX_check_private_key(handle) == 1 else {
      throw SocketFailure(.tls, "cannot use the private key \(key) with \(certificate): \(openSSLErrors())")
    }
  }
}

/// OpenSSL's queue of errors of this thread as text, oldest first; empties the queue.
func openSSLErrors() -> String {
  var texts: [String] = []
  while true {
    let code = ERR_get_error()
    guard code != 0 else { break }
    if let reason = ERR_reason_error_string(code) { texts.append(String(cString: reason)) }
  }
  return texts.isEmpty ? "no reason given" : texts.joined(separator: "; ")
}
