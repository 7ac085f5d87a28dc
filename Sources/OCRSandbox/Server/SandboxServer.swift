import Glibc
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The sandbox cannot listen where it was told to.
public struct SandboxStartError: Error, CustomStringConvertible {
  /// What is wrong and what to do about it.
  public let description: String
}

/// A running sandbox. Start it in a program or inside a test; each has its own state.
public final class SandboxServer: Sendable {
  private let group: ServiceGroup
  private let state: SandboxState
  private let running: Task<Void, any Error>
  /// The address it listens on, such as `127.0.0.1`.
  public let host: String
  /// The port it listens on.
  public let port: Int

  /// The address that clients use, for OCR and IAM alike.
  public var baseURL: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

  /// Loads the recogniser, binds the port and returns once connections are accepted.
  /// - Parameter stopsOnSignals: true lets SIGTERM and SIGINT end the server in good order.
  /// - Throws: `SandboxStartError`, `RecogniserError` or `CatalogueError`.
  public init(_ configuration: SandboxConfiguration, stopsOnSignals: Bool = false) async throws {
    Picture.silenceLibrary()
    let state = SandboxState(configuration)
    let responder = try Self.responder(configuration, state)
    let (ports, announce) = AsyncThrowingStream<Int, any Error>.makeStream()
    let logger = Logger(label: "ocr-sandbox") { _ in SwiftLogNoOpLogHandler() }
    let application = Application(
      responder: responder,
      server: .http1(configuration: .init(additionalChannelHandlers: [PeerWatch()])),
      configuration: .init(address: .hostname(configuration.host, port: configuration.port), backlog: 1024),
      onServerRunning: { announce.yield($0.localAddress?.port ?? 0) }, logger: logger)
    let group = ServiceGroup(
      configuration: .init(
        services: [application, HangReleaser(gate: state.hanging)],
        gracefulShutdownSignals: stopsOnSignals ? [.sigterm, .sigint] : [], logger: logger))
    running = Task {
      do {
        try await group.run()
        announce.finish()
      } catch {
        announce.finish(throwing: error)
        throw error
      }
    }
    self.group = group
    self.state = state
    host = configuration.host
    do {
      var iterator = ports.makeAsyncIterator()
      port = try await iterator.next() ?? 0
    } catch {
      throw Self.startError(error, configuration)
    }
  }

  /// Waits until the server has ended.
  public func waitUntilStopped() async throws { try await running.value }

  /// Ends the server: no new connections, calls in flight are answered, hanging ones are let go.
  public func stop() async {
    await group.triggerGracefulShutdown()
    _ = await running.result
  }

  private static func responder(
    _ configuration: SandboxConfiguration, _ state: SandboxState
  ) throws -> SandboxResponder {
    let recogniser: any Recogniser =
      configuration.isInstant ? InstantRecogniser() : try RecogniserPool(engines: configuration.engines)
    let ocr = OCRHandler(
      configuration: configuration, catalogue: try APICatalogue(), state: state, recogniser: recogniser,
      downloader: LoopbackDownloader(isAllowed: configuration.allowsLoopbackURLs))
    return SandboxResponder(
      configuration: configuration, state: state, ocr: ocr,
      identity: IdentityHandler(configuration: configuration, state: state),
      applications: ApplicationHandler(configuration: configuration, state: state),
      control: ControlHandler(configuration: configuration, state: state))
  }

  private static func startError(_ error: any Error, _ configuration: SandboxConfiguration) -> SandboxStartError {
    let place = "\(configuration.host):\(configuration.port)"
    if let error = error as? IOError, error.errnoCode == EADDRINUSE {
      return SandboxStartError(
        description: "\(place) is taken by another program; choose another port, or --listen 127.0.0.1:0 for a free one"
      )
    }
    return SandboxStartError(description: "cannot listen on \(place): \(error)")
  }
}

/// Lets hanging calls go when the server is told to stop, so that it can.
private struct HangReleaser: Service {
  let gate: HangGate

  func run() async throws {
    try? await gracefulShutdown()
    gate.releaseAll(forGood: true)
  }
}
