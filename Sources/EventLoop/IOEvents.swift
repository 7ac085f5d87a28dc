internal import CLinux
internal import Glibc

/// Readiness of a file descriptor: what a handler waits for, and what it is told.
public struct IOEvents: OptionSet, Sendable {
  /// The bits, as epoll counts them.
  public let rawValue: UInt32

  /// Readiness with the given bits.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Bytes, a connection or the end of the stream can be read.
  public static let readable = IOEvents(rawValue: EPOLLIN.rawValue)
  /// Bytes can be written without blocking.
  public static let writable = IOEvents(rawValue: EPOLLOUT.rawValue)
  /// The peer hung up. Reported whether asked for or not.
  public static let hangUp = IOEvents(rawValue: EPOLLHUP.rawValue)
  /// The peer of a stream sends no more; what it sent before can still be read. Reported only where it is asked for.
  public static let peerEnded = IOEvents(rawValue: EPOLLRDHUP.rawValue)
  /// The descriptor has a pending error. Reported whether asked for or not.
  public static let error = IOEvents(rawValue: EPOLLERR.rawValue)
}
