internal import EventLoop
internal import HealthEndpoint
public import Logging
internal import Telemetry

/// The relay as a program runs it: loops with a worker each, the health endpoint, and an orderly end on SIGTERM.
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
    let crew = try RelayCrew(first: loop, configuration: configuration, logger: logger)
    try await crew.prepare(source)
    guard let listen = configuration.http.listen else {
      return try await crew.run()
    }
    let health = try HealthServer(listen: listen, logger: logger, routes: await endpoints(of: crew).routes)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        do {
          try await health.run()
        } catch is CancellationError {
          return
        } catch {
          await crew.shutDown()
          throw RelayStartError(description: "http.listen: cannot listen on \(listen): \(error)")
        }
      }
      try await crew.run()
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  /// Only a process that serves metrics collects those of libraries.
  private func endpoints(of crew: RelayCrew) async -> RelayEndpoints {
    let libraries = LibraryMetrics()
    libraries.install()
    return RelayEndpoints(
      status: { await crew.status() }, pulses: await crew.startPulses(), stallLimit: configuration.http.stallLimit,
      libraries: libraries)
  }
}
