internal import CLinux
internal import EventLoop
internal import Glibc
internal import Synchronization

/// Termination signals as events of a loop.
///
/// A signal handler may do next to nothing; this one adds to an eventfd that the loop watches. Blocking the signals
/// instead would need every thread of the process to take part, those of the runtime included.
enum SignalWatcher {
  /// The eventfd that the handler writes to; -1 while nobody watches.
  private static let descriptor = Atomic<Int32>(-1)

  /// Calls `handler` on the loop after each SIGTERM or SIGINT. One watcher for a process; SIGPIPE is ignored as well.
  static func watch(on reactor: Reactor, _ handler: @escaping () -> Void) throws(EventLoopError) {
    let events = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard events >= 0 else { throw EventLoopError(operation: "eventfd", errorNumber: errno) }
    descriptor.store(events, ordering: .sequentiallyConsistent)
    try reactor.register(events, for: .readable) { _ in
      var count: UInt64 = 0
      if read(events, &count, MemoryLayout<UInt64>.size) > 0 { handler() }
    }
    for number in [SIGTERM, SIGINT] {
      signal(number) { _ in
        var one: UInt64 = 1
        _ = write(SignalWatcher.descriptor.load(ordering: .relaxed), &one, MemoryLayout<UInt64>.size)
      }
    }
    signal(SIGPIPE, SIG_IGN)
  }
}
