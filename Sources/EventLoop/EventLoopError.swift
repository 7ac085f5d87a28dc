/// The operating system refused something that an event loop needs.
public struct EventLoopError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The system call that failed, for example `epoll_ctl`.
  public let operation: String
  /// Its `errno`.
  public let errorNumber: Int32

  package init(operation: String, errorNumber: Int32) {
    self.operation = operation
    self.errorNumber = errorNumber
  }

  /// A sentence for a log line.
  public var description: String {
    "\(operation) failed: \(systemErrorMessage(errorNumber))"
  }
}
