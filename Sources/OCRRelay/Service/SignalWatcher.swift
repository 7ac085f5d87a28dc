internal import CLinux
internal import EventLoop
internal import Glibc

/// Termination signals as events of a loop.
///
/// The signals are blocked in every thread, so `blockSignals` must run in `main` before any other thread starts.
public enum SignalWatcher {
  /// Blocks SIGTERM and SIGINT in this thread and those it starts, and ignores SIGPIPE.
  public static func blockSignals() {
    var set = terminationSignals
    pthread_sigmask(SIG_BLOCK, &set, nil)
    signal(SIGPIPE, SIG_IGN)
  }

  /// Calls `handler` on the loop for each SIGTERM or SIGINT.
  static func watch(on reactor: Reactor, _ handler: @escaping () -> Void) throws(EventLoopError) {
    var set = terminationSignals
    let descriptor = signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
    guard descriptor >= 0 else { throw EventLoopError(operation: "signalfd", errorNumber: errno) }
    try reactor.register(descriptor, for: .readable) { _ in
      var info = signalfd_siginfo()
      while read(descriptor, &info, MemoryLayout<signalfd_siginfo>.size) > 0 { handler() }
    }
  }

  private static var terminationSignals: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    sigaddset(&set, SIGINT)
    return set
  }
}
