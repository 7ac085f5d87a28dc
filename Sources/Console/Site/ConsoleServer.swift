internal import HTTPTypes
internal import Hummingbird
public import Logging
internal import NIOCore
internal import UnixSignals

/// The console: listens, looks at relays and queues, and answers, until it is told to end.
public struct ConsoleServer: Sendable {
  private let options: ConsoleOptions
  private let logger: Logger

  /// A connection on which nothing is sent for so long is closed, in the middle of a request too.
  private static let idleTimeout = TimeAmount.seconds(60)

  /// A console.
  public init(_ options: ConsoleOptions, logger: Logger) {
    self.options = options
    self.logger = logger
  }

  /// Serves until SIGTERM or SIGINT. Throws ``ConsoleError`` and whatever keeps it from listening.
  public func run() async throws {
    let live = LiveView(options)
    let office = try LetterOffice(options)
    let audit = try AuditLog(path: options.stateFolder + "/audit.jsonl")
    let site = ConsoleSite(options, live: live, office: office, audit: audit)
    await office.tellEnds { job in try? await audit.write(AuditEntry(of: job)) }
    let watching = Task { [logger] in
      do { try await live.run() } catch { logger.error("cannot look at relays and queues: \(error)") }
    }
    defer { watching.cancel() }
    var quiet = logger
    quiet.logLevel = .critical
    let application = Application(
      responder: ConsoleResponder(site: site),
      server: .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
      configuration: .init(address: .hostname(options.host, port: options.port), serverName: nil),
      onServerRunning: { [logger, host = options.host] channel in
        logger.info("listening on http://\(host.contains(":") ? "[\(host)]" : host):\(channel.localAddress?.port ?? 0)")
      }, logger: quiet)
    try await application.runService(gracefulShutdownSignals: [.sigterm, .sigint])
  }
}
