internal import COpenSSL
internal import EventLoop
internal import Glibc

/// TLS over a connected non-blocking socket. Owns the OpenSSL connection, not the descriptor.
package final class TLSStream: ByteStream {
  private let connection: OpaquePointer
  private let host: String

  init(connection: OpaquePointer, descriptor: Int32, host: String) throws(SocketFailure) {
    self.connection = connection
    self.host = host
    Self.blockBrokenPipeSignal()
    SSL_set_fd(connection, descriptor)
    SSL_set_connect_state(connection)
    try requireName()
  }

  deinit {
    SSL_free(connection)
  }

  /// OpenSSL writes to the socket without `MSG_NOSIGNAL`, so a peer that is gone would end the process. The signal goes
  /// to the thread that writes, which is this one for the whole life of the stream: a loop's thread.
  private static func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  /// The certificate must name the host; addresses are compared as addresses.
  private func requireName() throws(SocketFailure) {
    if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host) == 1 { return }
    ERR_clear_error()
    guard SSL_set1_host(connection, host) == 1, openssl_set_host_name(connection, host) == 1 else {
      throw SocketFailure(.tls, "cannot verify the name \(host): \(openSSLErrors())")
    }
  }

  package var hasBufferedBytes: Bool { SSL_pending(connection) > 0 }

  package func handshake() -> StreamResult {
    ERR_clear_error()
    let status = SSL_do_handshake(connection)
    return status == 1 ? .bytes(0) : result(Int(status))
  }

  package func read(into buffer: UnsafeMutableRawBufferPointer) -> StreamResult {
    ERR_clear_error()
    return result(Int(SSL_read(connection, buffer.baseAddress, Int32(clamping: buffer.count))))
  }

  package func write(_ bytes: UnsafeRawBufferPointer) -> StreamResult {
    ERR_clear_error()
    return result(Int(SSL_write(connection, bytes.baseAddress, Int32(clamping: bytes.count))))
  }

  private func result(_ count: Int) -> StreamResult {
    if count > 0 { return .bytes(count) }
    let systemError = errno
    switch SSL_get_error(connection, Int32(count)) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
    case SSL_ERROR_ZERO_RETURN: return .closed
    case SSL_ERROR_SYSCALL where systemError == 0: return .closed
    case SSL_ERROR_SYSCALL: return .failed(.init(.connectionLost, systemErrorMessage(systemError)))
    default: return .failed(.init(.tls, "TLS with \(host) failed: \(reason())"))
    }
  }

  private func reason() -> String {
    let verification = SSL_get_verify_result(connection)
    let errors = openSSLErrors()
    guard verification != 0, let text = X509_verify_cert_error_string(verification) else { return errors }
    return "\(errors): \(String(cString: text))"
  }
}
