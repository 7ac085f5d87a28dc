internal import DeadLetters

extension AuditEntry {
  /// How a job ended that somebody had begun.
  init(of job: Job) {
    let isReplay = job.kind == .replay
    let outcome: String
    switch job.state {
    case .failed(let reason): outcome = "failed: " + reason
    case .running,
      .ended where isReplay && (job.result.stop != nil || job.result.failures > 0):
      outcome =
        "ended: \(job.result.recognised) recognised, \(job.result.failures) failed, \(job.result.remaining) not sent"
    case .ended: outcome = isReplay ? "ended: \(job.result.recognised) recognised" : "ended"
    }
    self.init(
      at: job.endedAt ?? job.startedAt, who: job.by, role: Role.operate.rawValue, address: "",
      action: job.kind.rawValue, what: job.what, letters: isReplay ? job.result.sent : job.count, outcome: outcome)
  }
}
