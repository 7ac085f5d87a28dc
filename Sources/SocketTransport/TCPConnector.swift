internal import EventLoop
internal import Glibc

/// Begins a TCP connection without blocking.
package enum TCPConnector {
  /// A non-blocking socket that is connecting to `address`. The caller owns it.
  package static func start(_ address: SocketAddress, deadPeerTimeout: Duration) -> Result<Int32, SocketFailure> {
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.family, type, 0)
    guard descriptor >= 0 else { return .failure(.init(.unreachable, "socket: \(systemErrorMessage(errno))")) }
    setOptions(descriptor, deadPeerTimeout: deadPeerTimeout)
    let status = address.bytes.withUnsafeBytes { raw in
      connect(descriptor, raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(address.bytes.count))
    }
    let number = errno
    guard status == 0 || number == EINPROGRESS else {
      close(descriptor)
      return .failure(.init(.unreachable, systemErrorMessage(number)))
    }
    return .success(descriptor)
  }

  /// The outcome of a connection attempt on a socket that became writable; nil when it is established.
  package static func failure(_ descriptor: Int32) -> SocketFailure? {
    var number: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size)
    return number == 0 ? nil : .init(.unreachable, systemErrorMessage(number))
  }

  private static func setOptions(_ descriptor: Int32, deadPeerTimeout: Duration) {
    set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
    set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 10)
    set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
    set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    setDeadPeerTimeout(descriptor, deadPeerTimeout)
  }

  /// Bytes that the peer does not take for so long end the connection, instead of hanging for a quarter of an hour; zero
  /// restores the system's patience. The limit holds for a peer too that is alive and has no room, as Linux counts it.
  package static func setDeadPeerTimeout(_ descriptor: Int32, _ timeout: Duration) {
    let milliseconds = Int32(clamping: timeout.saturatingNanoseconds / 1_000_000)
    set(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, milliseconds)
  }

  private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }
}
