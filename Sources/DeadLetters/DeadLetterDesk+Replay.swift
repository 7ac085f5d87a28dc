internal import EventLoop
internal import OCRContract

extension DeadLetterDesk {
  /// Chooses the letters that are meant, counts them and writes the plan for their replay. Without a path nothing is
  /// written. When there are no letters there is no plan either.
  public func plan(
    _ place: LetterPlace = .dead, _ filter: LetterFilter, at path: String?
  ) async throws(DeadLetterError) -> LetterStatistics {
    var statistics = LetterStatistics()
    var plan = ReplayPlan(
      id: Self.randomID(), createdAt: Clock.milliseconds(), filter: filter.text, place: place)
    let session = try await open(for: .reading, place)
    try await closing(session) { () async throws(DeadLetterError) in
      for queue in place.queues(for: filter) {
        try await session.walk.begin(queue)
        while let delivery = try await session.walk.next() {
          let letter = LetterRecord(reading: delivery, queue: queue, withFingerprint: true)
          guard let id = letter.fingerprint, filter.accepts(letter, now: Clock.milliseconds()) else { continue }
          statistics.add(letter, now: Clock.milliseconds())
          plan.add(id, queue: queue)
        }
      }
    }
    if let path, plan.letters > 0 { try PlanFile.create(plan, at: path) }
    return statistics
  }

  /// Reads a plan and what was done of it.
  public nonisolated func plan(at path: String) throws(DeadLetterError) -> ReplayPlan {
    try PlanFile.open(path).plan
  }

  /// Sends the letters of a plan back to where they came from, as requests with all their attempts before them. What was
  /// sent by an earlier run of the same plan is not sent again. A lost connection is made again, for as long as the
  /// replay gets on.
  public func replay(
    planAt path: String, _ options: ReplayOptions, progress: @escaping @Sendable (ReplayResult) -> Void
  ) async throws(DeadLetterError) -> ReplayResult {
    let file = try PlanFile.open(path)
    let runner = ReplayRunner(file, options, reactor: reactor, report: progress)
    replaying = runner
    defer { replaying = nil }
    var fruitless = 0
    while true {
      let before = runner.sent
      do throws(DeadLetterError) {
        if let result = try await round(runner, file.plan.place) { return result }
      } catch {
        runner.connectionLost()
        fruitless = runner.sent > before ? 0 : fruitless + 1
        guard fruitless < Self.fruitlessRounds, error.mayPass else { throw error }
        await pause(.seconds(1))
      }
    }
  }

  /// Lets the replay under way, if there is one, send nothing more; its result says so.
  public func stopReplay() { replaying?.stop() }

  private static let fruitlessRounds = 30

  private func round(_ runner: ReplayRunner, _ place: LetterPlace) async throws(DeadLetterError) -> ReplayResult? {
    let session = try await open(for: .replaying, place)
    var result: ReplayResult?
    try await closing(session) { () async throws(DeadLetterError) in result = try await runner.round(session) }
    return result
  }

  private func pause(_ duration: Duration) async {
    await withCheckedContinuation { continuation in
      reactor.schedule(after: duration) { continuation.resume() }
    }
  }

  private static func randomID() -> String {
    var random = SystemRandomNumberGenerator()
    let digits = String(random.next() as UInt64, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension DeadLetterError {
  /// Whether a new connection may help. The lock of a connection that was lost is free when the broker has noticed.
  fileprivate var mayPass: Bool {
    switch self {
    case .brokerUnreachable, .connectionLost, .busy, .queueInUse: true
    case .invalidURL, .refused, .notMoved, .file: false
    }
  }
}
