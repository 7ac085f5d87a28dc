internal import CLinux
internal import EventLoop
internal import Glibc
internal import Synchronization

/// Signals as events of a loop.
///
/// A signal handler may do next to nothing; this one adds to an eventfd that the loop watches. Blocking the signals
/// instead would need every thread of the process to take part, those of the runtime included.
enum SignalWatcher {
  /// The eventfds that the handlers write to; -1 while nobody watches.
  private static let termination = Atomic<Int32>(-1)
  private static let hangup = Atomic<Int32>(-1)

  /// Calls `handler` on the loop after each SIGTERM or SIGINT. One watcher for a process; SIGPIPE is ignored as well.
  static func watch(on reactor: Reactor, _ handler: @escaping () -> Void) throws(EventLoopError) {
    termination.store(try makeDescriptor(on: reactor, handler), ordering: .sequentiallyConsistent)
    for number in [SIGTERM, SIGINT] {
      signal(number) { _ in SignalWatcher.wake(SignalWatcher.termination.load(ordering: .relaxed)) }
    }
    signal(SIGPIPE, SIG_IGN)
  }

  /// Calls `handler` on the loop after each SIGHUP. One watcher for a process.
  static func watchHangup(on reactor: Reactor, _ handler: @escaping () -> Void) throws(EventLoopError) {
    hangup.store(try makeDescriptor(on: reactor, handler), ordering: .sequentiallyConsistent)
    signal(SIGHUP) { _ in SignalWatcher.wake(SignalWatcher.hangup.load(ordering: .relaxed)) }
  }

  /// Called in signal handlers: `write` and nothing else.
  private static func wake(_ descriptor: Int32) {
    var one: UInt64 = 1
    _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  private static func makeDescriptor(
    on reactor: Reactor, _ handler: @escaping () -> Void
  ) throws(EventLoopError) -> Int32 {
    let events = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard events >= 0 else { throw EventLoopError(operation: "eventfd", errorNumber: errno) }
    try reactor.register(events, for: .readable) { _ in
      var count: UInt64 = 0
      if read(events, &count, MemoryLayout<UInt64>.size) > 0 { handler() }
    }
    return events
  }
}
