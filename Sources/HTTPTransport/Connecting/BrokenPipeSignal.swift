internal import Glibc

/// Makes writes to a closed connection return an error instead of ending the process.
///
/// libcurl does not guard against `SIGPIPE` when it is told not to touch signals. Call it first thing in `main`, before
/// any thread exists; ``HTTPClient`` calls it too. Safe to call again.
public func ignoreBrokenPipeSignal() {
  signal(SIGPIPE, SIG_IGN)
}
