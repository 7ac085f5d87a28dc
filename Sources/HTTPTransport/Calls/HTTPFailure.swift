/// Why a call has no answer.
public struct HTTPFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// What went wrong.
  public let kind: Kind
  /// Whether bytes of the request body (for an empty body: of the request) were handed to the network, so that the
  /// server may have executed, and billed, the call.
  public let requestSent: Bool
  /// The `CURLcode`; 0 when the client itself ended the call.
  public let nativeCode: Int32
  /// A short text for a log line, printable ASCII. Contains no header, no body and no URL query.
  public let detail: String

  /// What went wrong; the first three and `tlsFailed` happen before any request byte is sent.
  public enum Kind: Sendable, Equatable {
    /// The host name, or that of the proxy, has no address.
    case resolveFailed
    /// The connection was refused or is impossible.
    case connectFailed
    /// Name lookup, TCP or TLS took longer than the limit.
    case connectTimedOut
    /// No acceptable TLS connection.
    case tlsFailed(TLSProblem)
    /// The call took longer than its limit, or was slower than the lowest speed.
    case timedOut
    /// The connection ended before the answer was complete.
    case connectionLost
    /// The body is, or announces to be, larger than the limit.
    case responseTooLarge
    /// The headers are larger than the limit.
    case headersTooLarge
    /// The answer is not HTTP/1.1.
    case malformedResponse
    /// `cancel` or `shutdown` ended the call.
    case cancelled
    /// A kept-alive connection died after the request went out, and the client did not send it again.
    case repeatRefused
    /// No memory, descriptor or waiting place was left.
    case resourceExhausted
    /// The body source ended before its announced length.
    case bodySourceFailed
    /// The request is not allowed by the configuration, for example `http://` where only `https://` is.
    case invalidRequest
    /// Anything else; see `nativeCode`.
    case other
  }

  /// Which part of TLS failed.
  public enum TLSProblem: Sendable, Equatable {
    /// The server's certificate is not trusted, expired or of another host.
    case certificateRejected
    /// No common protocol version or cipher, or the handshake broke off.
    case handshakeFailed
    /// The CA file or another local setting cannot be used.
    case localSetup
  }

  /// A sentence for a log line.
  public var description: String {
    "HTTP call failed (\(kind), code \(nativeCode), request \(requestSent ? "sent" : "not sent")): \(detail)"
  }
}
