internal import DeadLetters
internal import Synchronization

extension LetterOffice {
  /// Jobs that are remembered.
  private static let mostJobs = 100

  /// A plan on the shelf and what was done of it.
  struct Shelved: Sendable {
    var id: String
    var plan: ReplayPlan
  }

  /// A job by its id.
  func job(_ id: String) -> Job? { jobs.last { $0.id == id } }

  /// The plans that were not carried out to their end, the newest first.
  func unfinished() -> [Shelved] {
    shelf.ids().compactMap { id in
      guard runningJob?.id != id, let plan = try? ownDesk.plan(at: shelf.path(id)), plan.published < plan.letters
      else { return nil }
      return Shelved(id: id, plan: plan)
    }
  }

  // MARK: Beginning

  /// Begins to replay letters; returns the job's id.
  func replay(_ choice: LetterChoice, _ form: ReplayForm, by who: String) throws(Problem) -> String {
    try begin(.replay, choice.text, by: who) { [shelf] office, id in
      let path = shelf.path(id)
      await office.carryOut(id) { () async throws(DeadLetterError) in
        let statistics = try await office.ownDesk.plan(choice.place, choice.filter, at: path)
        await office.update(id) { $0.result.planned = statistics.total.letters }
        guard statistics.total.letters > 0 else { return }
        try await office.run(id, path, form)
      }
    }
  }

  /// Goes on with a plan; returns the job's id.
  func resume(_ id: String, _ form: ReplayForm, by who: String) throws(Problem) -> String {
    guard shelf.has(id) else { throw .gone }
    let path = shelf.path(id)
    let what: String
    do throws(DeadLetterError) {
      let plan = try ownDesk.plan(at: path)
      what = (plan.place == .parked ? "parked: " : "") + (plan.filter.isEmpty ? "all" : plan.filter)
    } catch {
      throw .desk(error)
    }
    return try begin(.replay, what, id: id, by: who) { office, id in
      await office.carryOut(id) { () async throws(DeadLetterError) in try await office.run(id, path, form) }
    }
  }

  /// Begins to put letters aside; returns the job's id.
  func park(_ choice: LetterChoice, by who: String) throws(Problem) -> String {
    try begin(.park, choice.text, by: who) { office, id in
      await office.carryOut(id) { () async throws(DeadLetterError) in
        let progress = Progress { count in Task { await office.update(id) { $0.count = max($0.count, count) } } }
        let count = try await office.ownDesk.park(choice.filter) { progress.tell($0) }
        await office.update(id) { $0.count = count }
      }
    }
  }

  /// Begins to delete letters, which must be as many as somebody has seen; returns the job's id.
  func purge(_ choice: LetterChoice, expected: Int, by who: String) throws(Problem) -> String {
    try begin(.purge, choice.text, by: who) { office, id in
      await office.carryOut(id) { () async throws(DeadLetterError) in
        let found = Mutex(0)
        let count = try await office.ownDesk.purge(choice.place, choice.filter) { statistics in
          found.withLock { $0 = statistics.total.letters }
          return statistics.total.letters == expected
        }
        let number = found.withLock { $0 }
        await office.update(id) { job in
          job.count = count
          if number != expected { job.state = .failed("nothing was deleted: there are \(number) letters now") }
        }
      }
    }
  }

  /// Lets the replay under way send nothing more.
  func stop(_ id: String) async {
    guard let job = job(id), job.state == .running, job.kind == .replay else { return }
    await ownDesk.stopReplay()
  }

  // MARK: Working

  private func begin(
    _ kind: Job.Kind, _ what: String, id known: String? = nil, by who: String,
    _ body: @escaping @Sendable (LetterOffice, String) async -> Void
  ) throws(Problem) -> String {
    guard runningJob == nil else { throw .working }
    let now = SystemTime.milliseconds
    let id = known ?? JobID.make(now: now)
    jobs.removeAll { $0.id == id }
    jobs.append(Job(id: id, kind: kind, what: what, by: who, startedAt: now))
    if jobs.count > Self.mostJobs { jobs.removeFirst() }
    Task { await body(self, id) }
    return id
  }

  /// Runs the work of a job in its turn and notes how it ended.
  private func carryOut(_ id: String, _ work: @Sendable () async throws(DeadLetterError) -> Void) async {
    var failure: String?
    do throws(Problem) {
      try await takeTurn()
      try await asking(work)
    } catch {
      if case .desk(let reason) = error { failure = reason.description }
    }
    endTurn()
    forget()
    update(id) { job in
      if let failure { job.state = .failed(failure) }
      if job.state == .running { job.state = .ended }
      job.endedAt = SystemTime.milliseconds
    }
    if let job = job(id) { await onEnd(job) }
  }

  private func run(_ id: String, _ path: String, _ form: ReplayForm) async throws(DeadLetterError) {
    let progress = Progress { result in Task { await self.update(id) { $0.take(result) } } }
    let result = try await ownDesk.replay(planAt: path, form.options) { progress.tell($0) }
    update(id) { $0.result = result }
  }

  private func update(_ id: String, _ change: (inout Job) -> Void) {
    guard let position = jobs.lastIndex(where: { $0.id == id }) else { return }
    change(&jobs[position])
  }
}

extension Job {
  /// Progress may overtake itself on its way here; what has gone further counts.
  fileprivate mutating func take(_ progress: ReplayResult) {
    guard state == .running, progress.weight >= result.weight else { return }
    result = progress
  }
}

extension ReplayResult {
  fileprivate var weight: Int { sent + recognised + failures }
}
