internal import EventLoop
internal import HealthEndpoint
public import Logging
internal import Telemetry

/// The relay as a program runs it: one loop, its worker, the health endpoint, and an orderly end on SIGTERM.
public struct RelayService: Sendable {
  private let configuration: RelayConfiguration
  private let source: ConfigurationSource?
  private let logger: Logger

  /// A service with this configuration; with the source of it, the service reads it again when it changes.
  public init(configuration: RelayConfiguration, source: ConfigurationSource? = nil, logger: Logger) {
    self.configuration = configuration
    self.source = source
    self.logger = logger
  }

  /// Runs until SIGTERM or SIGINT and the orderly end that follows. Holds the calling thread, which is meant to be the
  /// first one of the program.
  public func run() throws {
    let loop = try EventLoop(name: "relay")
    try loop.runBlocking { try await run(on: loop) }
  }

  private func run(on loop: EventLoop) async throws {
    let worker = RelayWorker(loop: loop, configuration: configuration, logger: logger)
    try await worker.shutDownOnSignal()
    if let source { try await worker.watch(source) }
    guard let listen = configuration.http.listen else {
      return try await worker.run()
    }
    let health = try HealthServer(listen: listen, logger: logger, routes: await endpoints(of: worker).routes)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        do {
          try await health.run()
        } catch is CancellationError {
          return
        } catch {
          await worker.shutDown()
          throw RelayStartError(description: "http.listen: cannot listen on \(listen): \(error)")
        }
      }
      try await worker.run()
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  /// Only a process that serves metrics collects those of libraries.
  private func endpoints(of worker: RelayWorker) async -> RelayEndpoints {
    let libraries = LibraryMetrics()
    libraries.install()
    let pulse = LoopPulse()
    await worker.start(pulse)
    return RelayEndpoints(
      status: { await worker.status() }, pulse: pulse, stallLimit: configuration.http.stallLimit, libraries: libraries)
  }
}

extension RelayWorker {
  /// Beats as long as the loop turns.
  func start(_ pulse: LoopPulse) {
    pulse.start(on: loop.reactor)
  }
}

extension RelayWorker {
  /// Shuts down on SIGTERM or SIGINT.
  func shutDownOnSignal() throws(EventLoopError) {
    try SignalWatcher.watch(on: loop.reactor) { [self] in shutDown() }
  }
}
