/// What a non-blocking read or write came to.
package enum StreamResult {
  /// This many bytes were moved.
  case bytes(Int)
  /// Nothing can be moved now; wait for readiness.
  case wouldBlock
  /// The peer closed the stream.
  case closed
  case failed(SocketFailure)
}

/// A connected socket, plain or with TLS. Not `Sendable`; calls never block.
package protocol ByteStream: AnyObject {
  /// Goes on with whatever must happen before bytes flow; `.bytes(0)` when it is complete.
  func handshake() -> StreamResult
  func read(into buffer: UnsafeMutableRawBufferPointer) -> StreamResult
  /// Fills `buffer` and then, if it can do so at once, `next`; the bytes of both are counted together.
  func read(into buffer: UnsafeMutableRawBufferPointer, then next: UnsafeMutableRawBufferPointer) -> StreamResult
  func write(_ bytes: UnsafeRawBufferPointer) -> StreamResult
  /// Whether bytes are readable that epoll cannot see.
  var hasBufferedBytes: Bool { get }
}

extension ByteStream {
  package func read(
    into buffer: UnsafeMutableRawBufferPointer, then next: UnsafeMutableRawBufferPointer
  ) -> StreamResult {
    read(into: buffer)
  }
}
