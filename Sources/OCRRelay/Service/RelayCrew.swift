internal import EventLoop
internal import Logging

/// The workers of one process, each on a loop of its own. They do the same work and wait for each other nowhere.
struct RelayCrew: Sendable {
  let workers: [RelayWorker]

  /// As many workers as are configured, the first of them on a loop that is there already.
  init(first: EventLoop, configuration: RelayConfiguration, logger: Logger) throws(EventLoopError) {
    guard configuration.process.loops > 1 else {
      workers = [RelayWorker(loop: first, configuration: configuration, logger: logger)]
      return
    }
    let commons = LoopCommons(configuration)
    var workers: [RelayWorker] = []
    for number in 1...commons.loops {
      var logger = logger
      logger[metadataKey: "loop"] = "\(number)"
      let loop = number == 1 ? first : try EventLoop(name: "relay-\(number)")
      workers.append(RelayWorker(loop: loop, configuration: configuration, logger: logger, commons: commons))
    }
    self.workers = workers
  }

  /// Runs until all have ended. When one cannot start, the others end in order, and its error is the one that counts.
  func run() async throws {
    guard workers.count > 1 else { return try await workers[0].run() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in workers { group.addTask { try await worker.run() } }
      var failure: (any Error)?
      while let result = await group.nextResult() {
        guard case .failure(let error) = result, failure == nil else { continue }
        failure = error
        await shutDown()
      }
      if let failure { throw failure }
    }
  }

  /// Lets all begin an orderly end.
  func shutDown() async {
    for worker in workers { await worker.shutDown() }
  }

  /// Lets all shut down on SIGTERM or SIGINT, and follow the source when there is one.
  func prepare(_ source: ConfigurationSource?) async throws {
    let others = Array(workers.dropFirst())
    try await workers[0].shutDownOnSignal(with: others)
    if let source { try await workers[0].watch(source, with: others) }
  }

  /// A pulse for each loop.
  func startPulses() async -> [LoopPulse] {
    var pulses: [LoopPulse] = []
    for worker in workers {
      let pulse = LoopPulse()
      await worker.start(pulse)
      pulses.append(pulse)
    }
    return pulses
  }

  /// What all look like together.
  func status() async -> RelayStatus {
    var status = await workers[0].status()
    for worker in workers.dropFirst() { status.add(await worker.status()) }
    return status
  }
}

extension RelayWorker {
  /// Has something done on the worker's loop, from any thread, without waiting for it.
  nonisolated func post(_ body: @escaping @Sendable (isolated RelayWorker) -> Void) {
    Task(executorPreference: LoopTaskExecutor(loop)) { await body(self) }
  }

  /// Beats as long as the loop turns.
  func start(_ pulse: LoopPulse) {
    pulse.start(on: loop.reactor)
  }

  /// Shuts down on SIGTERM or SIGINT, and so do the others.
  func shutDownOnSignal(with others: [RelayWorker]) throws(EventLoopError) {
    try SignalWatcher.watch(on: loop.reactor) { [self] in
      shutDown()
      for other in others { other.post { $0.shutDown() } }
    }
  }
}
