internal import EventLoop
internal import Glibc

/// A TCP socket without TLS. It does not own the descriptor.
package final class PlainStream: ByteStream {
  private let descriptor: Int32

  package init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  package var hasBufferedBytes: Bool { false }

  package func handshake() -> StreamResult { .bytes(0) }

  package func read(into buffer: UnsafeMutableRawBufferPointer) -> StreamResult {
    let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
    return count == 0 ? .closed : result(count)
  }

  package func read(
    into buffer: UnsafeMutableRawBufferPointer, then next: UnsafeMutableRawBufferPointer
  ) -> StreamResult {
    var parts = (
      iovec(iov_base: buffer.baseAddress, iov_len: buffer.count), iovec(iov_base: next.baseAddress, iov_len: next.count)
    )
    let count = withUnsafeBytes(of: &parts) { readv(descriptor, $0.assumingMemoryBound(to: iovec.self).baseAddress, 2) }
    return count == 0 ? .closed : result(count)
  }

  package func write(_ bytes: UnsafeRawBufferPointer) -> StreamResult {
    result(send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)))
  }

  private func result(_ count: Int) -> StreamResult {
    if count >= 0 { return .bytes(count) }
    let number = errno
    if number == EAGAIN || number == EINTR { return .wouldBlock }
    return .failed(.init(.connectionLost, systemErrorMessage(number)))
  }
}
