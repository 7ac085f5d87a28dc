public import EventLoop

/// A complete answer, whatever its status: redirects are not followed and errors of the server are answers too.
public struct HTTPResponse {
  /// The status code, for example 200.
  public let status: Int
  /// The body; its memory returns to the pool with the last reference.
  public let body: PooledBuffer
  /// The headers of the final answer.
  public let headers: HTTPResponseHeaders
  /// What it took.
  public let timing: HTTPTiming
}

/// Durations and sizes of a finished call.
public struct HTTPTiming: Sendable {
  /// From `start` to the end of the answer, waiting for a connection included.
  public let total: Duration
  /// Bytes of the request body that were sent.
  public let bodyBytesSent: Int
  /// Whether the call used a kept-alive connection.
  public let connectionReused: Bool
}
