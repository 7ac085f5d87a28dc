import EventLoop

extension Reactor {
  /// Ends the test process when what is awaited has not come after a minute, and says what it was: a continuation that
  /// nobody resumes cannot be cancelled, so the run would hang. Invalidate the timer when it has come.
  func deadline(for what: String) -> LoopTimer {
    let timer = makeTimer { fatalError("waited a minute for \(what)") }
    timer.arm(after: .seconds(60))
    return timer
  }
}
