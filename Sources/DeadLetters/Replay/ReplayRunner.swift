internal import AMQP
internal import EventLoop
internal import OCRContract

/// Sends the letters of a plan back, one at a time: published and confirmed, written down, then taken out of the queue.
/// A kill at any instruction doubles at most the one in flight.
///
/// Isolation: not `Sendable`; belongs to its desk's loop.
final class ReplayRunner {
  private let file: PlanFile
  private let options: ReplayOptions
  private let reactor: Reactor
  private let report: (ReplayResult) -> Void
  private var machine: ReplayMachine
  private var nextSlot: MonotonicInstant
  private var unmovable: Set<LetterID> = []
  private var waiting: CheckedContinuation<Void, Never>?
  private var timer: LoopTimer?
  private var outcomeFailure: DeadLetterError?

  /// The broker gives a letter to somebody else when it is held for half an hour; a round ends long before.
  private static let roundLimit = Duration.seconds(600)

  init(_ file: PlanFile, _ options: ReplayOptions, reactor: Reactor, report: @escaping (ReplayResult) -> Void) {
    self.file = file
    self.options = options
    self.reactor = reactor
    self.report = report
    machine = ReplayMachine(file.plan, options)
    nextSlot = reactor.now
    timer = reactor.makeTimer { [unowned self] in wake() }
  }

  deinit { timer?.invalidate() }

  /// Letters sent so far.
  var sent: Int { machine.result.sent }

  /// Goes through the queues once. Nil when there is more to do in another round, over a fresh connection.
  func round(_ session: DeskSession) async throws(DeadLetterError) -> ReplayResult? {
    session.onOutcome = { [unowned self] id, notice in noticed(id, notice) }
    defer { session.onOutcome = { _, _ in } }
    let end = reactor.now + Self.roundLimit
    for queue in file.plan.queues {
      try await session.walk.begin(queue)
      while let delivery = try await session.walk.next() {
        let letter = LetterRecord(reading: delivery, queue: queue, withFingerprint: true)
        guard let id = letter.fingerprint, !unmovable.contains(id) else { continue }
        switch file.plan.step(for: id) {
        case .leave: continue
        case .remove: try remove(delivery, letter.queue, session)
        case .publish:
          if let stop = try await permission() { return machine.finish(isComplete: false, stop: stop) }
          if reactor.now > end {
            await awaitOutcomes()
            return nil
          }
          try await send(delivery, letter, id, session)
        }
      }
    }
    await awaitOutcomes()
    if case .stop(let stop) = machine.decision { return machine.finish(isComplete: true, stop: stop) }
    return machine.finish(isComplete: true, stop: nil)
  }

  /// Sends nothing more. What was sent may still be heard of.
  func stop() {
    machine.stopRequested()
    wake()
  }

  // MARK: Sending

  /// Waits until the next letter may go; returns why none may.
  private func permission() async throws(DeadLetterError) -> ReplayResult.Stop? {
    while true {
      if let outcomeFailure { throw outcomeFailure }
      switch machine.decision {
      case .stop(let stop): return stop
      case .awaitOutcome: await awaitOutcome()
      case .passCanary:
        machine.canaryPassed()
        try file.noteCanaryPassed()
      case .send:
        guard reactor.now < nextSlot else { return nil }
        await pause(until: nextSlot)
      }
    }
  }

  private func send(
    _ delivery: Delivery, _ letter: LetterRecord, _ id: LetterID, _ session: DeskSession
  ) async throws(DeadLetterError) {
    nextSlot = max(nextSlot, reactor.now) + .seconds(1) / options.rate
    if let obstacle = LetterCopy.obstacle(delivery) { return leave(id, obstacle) }
    let copy = LetterCopy.replay(
      delivery, letter, outcomeTo: session.outcomeQueue, replayID: "\(file.plan.id).\(id.text)",
      now: Clock.milliseconds())
    // Noted before the publish: a relay may be faster than the confirm.
    machine.sent(id)
    switch try await publish(copy, id, session) {
    case .confirmed:
      try file.notePublished(id)
      try remove(delivery, letter.queue, session)
    case .returned: leave(id, "no queue takes it: no relay reads \(letter.origin.queue) on this broker")
    case .refused: leave(id, "the broker refused it; the queue \(letter.origin.queue) may be full")
    case .unsendable(let reason): leave(id, reason)
    }
    report(machine.result)
  }

  /// Publishes; a letter that did not go out does not count as sent.
  private func publish(
    _ copy: OutgoingMessage, _ id: LetterID, _ session: DeskSession
  ) async throws(DeadLetterError) -> PublishOutcome {
    do throws(DeadLetterError) {
      let outcome = try await session.publish(copy)
      if outcome != .confirmed { machine.unsent(id) }
      return outcome
    } catch {
      machine.unsent(id)
      throw error
    }
  }

  private func remove(
    _ delivery: Delivery, _ queue: String, _ session: DeskSession
  ) throws(DeadLetterError) {
    guard session.walk.remove(delivery.id, from: queue) else {
      throw session.reading.failure ?? .connectionLost("a letter could not be taken out of its queue")
    }
  }

  private func leave(_ id: LetterID, _ reason: String) {
    unmovable.insert(id)
    machine.notMoved(reason)
  }

  // MARK: Outcomes

  private func noticed(_ replayID: String, _ notice: OutcomeNotice) {
    let parts = replayID.split(separator: ".")
    guard parts.count == 2, parts[0] == file.plan.id, let id = LetterID(text: parts[1]),
      machine.ended(id, notice.outcome)
    else { return }
    do throws(DeadLetterError) {
      try file.noteOutcome(id, notice.outcome)
    } catch {
      outcomeFailure = error
    }
    report(machine.result)
    wake()
  }

  /// Waits for the next outcome; a silence that lasts too long ends the wait for all of them.
  private func awaitOutcome() async {
    let heard = machine.result
    await pause(until: reactor.now + options.outcomeTimeout)
    if machine.result == heard { machine.silenceFell() }
  }

  private func awaitOutcomes() async {
    while machine.isAwaiting { await awaitOutcome() }
  }

  /// The connection is lost: what was to be heard over it will not be.
  func connectionLost() { machine.silenceFell() }

  private func pause(until instant: MonotonicInstant) async {
    timer?.arm(at: instant)
    await withCheckedContinuation { waiting = $0 }
    timer?.disarm()
  }

  private func wake() {
    waiting?.resume()
    waiting = nil
  }
}
