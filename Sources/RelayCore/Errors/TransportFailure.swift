/// Why a call ended without a complete answer.
public enum TransportFailure: Sendable, Hashable {
  /// The host name was not found.
  case resolveFailed
  /// The connection was refused or the host is unreachable.
  case connectFailed
  /// No connection within the limit.
  case connectTimeout
  /// The handshake or the certificate check failed.
  case tlsFailed
  /// No complete answer within the limit.
  case timeout(afterRequestSent: Bool)
  /// The connection broke before the answer was complete.
  case connectionLost(afterRequestSent: Bool)
  /// The client would have had to send the request a second time on its own, which is never done: it might be paid twice.
  case repeatRefused
  /// The answer is larger than allowed.
  case responseTooLarge
  /// The bytes are not an HTTP answer.
  case responseMalformed
  /// The answer was a redirect. Redirects are never followed: they would carry the token elsewhere.
  case redirected
  /// The relay itself stopped the call.
  case cancelled(afterRequestSent: Bool)
}
