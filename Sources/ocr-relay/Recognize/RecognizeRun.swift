/// Sends any number of files, a few at a time, and prints their outcomes in the order of the command line.
struct RecognizeRun {
  /// Where printed text goes.
  struct Sink: Sendable {
    var output: @Sendable (String) -> Void
    var errors: @Sendable (String) -> Void
  }

  var files: [String]
  /// Most requests in flight.
  var width: Int
  var text: OutcomeText
  var progress: Progress
  var sink: Sink

  /// Runs to the end and returns the exit code: that of the most serious outcome.
  ///
  /// - Parameter send: handles the file at a position of ``files``; called for up to ``width`` files at the same time.
  mutating func run(_ send: @escaping @Sendable (Int) async -> RequestOutcome) async -> ExitReason {
    var waiting: [Int: RequestOutcome] = [:]
    var printed = 0
    var worst = ExitReason.success
    await withTaskGroup(of: (Int, RequestOutcome).self) { group in
      var started = 0
      while printed < files.count {
        while started < files.count, started - printed - waiting.count < width {
          let index = started
          group.addTask { (index, await send(index)) }
          started += 1
        }
        guard let (index, outcome) = await group.next() else { return }
        waiting[index] = outcome
        if Self.isLessSerious(worst, outcome.status) { worst = outcome.status }
        sink.errors(progress.count(isFailure: outcome.status != .success))
        while let next = waiting.removeValue(forKey: printed) {
          show(next, file: files[printed])
          printed += 1
        }
      }
    }
    sink.errors(progress.erasure)
    return worst
  }

  private func show(_ outcome: RequestOutcome, file: String) {
    let (output, errors) = text.text(of: outcome, file: file)
    sink.errors(progress.erasure + errors)
    sink.output(output)
  }

  /// An unreachable broker says more about what to do than a late answer, and that more than an error reply.
  private static func isLessSerious(_ left: ExitReason, _ right: ExitReason) -> Bool {
    let order: [ExitReason] = [.success, .requestFailed, .timeout, .brokerUnreachable]
    return (order.firstIndex(of: left) ?? order.count) < (order.firstIndex(of: right) ?? order.count)
  }
}
