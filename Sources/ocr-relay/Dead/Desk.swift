import ArgumentParser
import DeadLetters
import EventLoop
import OCRRelay
import RelayCore

/// Runs the body of a `dead` command.
enum Desk {
  /// Opens a desk for the broker, runs `body` and ends with its exit reason. Errors become messages with exit codes.
  static func run(
    _ broker: BrokerAddressOptions, _ body: @escaping @Sendable (DeadLetterDesk) async throws -> ExitReason
  ) throws {
    let settings = try broker.load()
    var options = DeskOptions()
    options.connectTimeout = settings.connectTimeout
    options.heartbeat = settings.heartbeat
    options.tls = settings.tls
    let urls = settings.urls.map { $0.reveal() }
    try EventLoop(name: "dead").runBlocking { [options] in
      do {
        let desk = try DeadLetterDesk(urls: urls, options: options)
        defer { desk.close() }
        let reason = try await body(desk)
        if reason != .success { throw CommandFailure(reason) }
      } catch let error as DeadLetterError {
        throw CommandFailure(reason(for: error), error.description)
      }
    }
  }

  private static func reason(for error: DeadLetterError) -> ExitReason {
    switch error {
    case .invalidURL: .configuration
    case .brokerUnreachable, .connectionLost, .refused: .brokerUnreachable
    case .busy, .queueInUse: .busy
    case .notMoved, .file: .requestFailed
    }
  }
}
