import EventLoop

extension Reactor {
  /// Ends the test process when what is awaited has not come after two minutes, and says what it was and what came
  /// instead: a continuation that nobody resumes cannot be cancelled, so the run would hang. Invalidate the timer when it
  /// has come.
  func deadline(for what: String, instead: @escaping () -> String) -> LoopTimer {
    let timer = makeTimer { fatalError("waited two minutes for \(what); instead: \(instead())") }
    timer.arm(after: .seconds(120))
    return timer
  }
}
