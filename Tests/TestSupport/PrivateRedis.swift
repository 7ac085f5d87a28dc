import Foundation
import Synchronization

/// A Redis server of its own on a free loopback port, with its own data. It ends with the test process at the latest.
public final class PrivateRedis: Sendable {
  /// The plain port; stays the same over restarts.
  public let port: Int
  /// The port with TLS, whose certificate is ``certificates``' server pair; 0 without.
  public let tlsPort: Int
  private let settings: [String]
  private let directory: TemporaryDirectory
  private let process: Mutex<ChildProcess?> = Mutex(nil)

  private init(port: Int, tlsPort: Int, settings: [String], directory: TemporaryDirectory) {
    self.port = port
    self.tlsPort = tlsPort
    self.settings = settings
    self.directory = directory
  }

  deinit { process.withLock { $0?.send(signal: SIGKILL) } }

  /// Starts a server and waits until it takes connections.
  ///
  /// - Parameter settings: further settings as on its command line, for example `["--requirepass", "secret"]`.
  public static func start(_ settings: [String] = [], tls: Bool = false) async throws -> PrivateRedis {
    let directory = try TemporaryDirectory()
    let redis = PrivateRedis(
      port: FreePort.choose(), tlsPort: tls ? FreePort.choose() : 0, settings: settings, directory: directory)
    if tls { _ = try await Certificates.make(in: directory.path("tls")) }
    try await redis.start()
    return redis
  }

  /// Address of the plain port without user and password.
  public var url: String { "redis://127.0.0.1:\(port)" }

  /// The certificates of the port with TLS.
  public var certificates: Certificates { Certificates(folder: directory.path("tls")) }

  /// Starts it again after ``kill()``, on the same ports, without the data unless a setting saves it.
  public func start() async throws {
    var arguments = [
      "--port", String(port), "--bind", "127.0.0.1", "--dir", directory.path, "--save", "", "--appendonly", "no",
    ]
    if tlsPort > 0 {
      let files = certificates
      arguments += ["--tls-port", String(tlsPort), "--tls-cert-file", files.server.certificate]
      arguments += ["--tls-key-file", files.server.key, "--tls-ca-cert-file", files.authority]
      arguments += ["--tls-auth-clients", "no"]
    }
    let child = try await ChildProcess.start("redis-server", arguments + settings)
    process.withLock { $0 = child }
    try await child.waitForLine(containing: "eady to accept connections")
  }

  /// Ends it with SIGKILL and waits until it is gone.
  public func kill() async { await process.withLock { $0 }?.kill() }

  /// Stops its process without ending it: connections stay and nothing answers.
  public func pause() { process.withLock { $0?.send(signal: SIGSTOP) } }

  /// Lets it go on after ``pause()``.
  public func resume() { process.withLock { $0?.send(signal: SIGCONT) } }

  /// Runs `redis-cli` for this server and returns what it prints.
  @discardableResult
  public func control(_ arguments: String...) async throws -> String {
    try await ChildProcess.run("redis-cli", ["-p", String(port), "--no-auth-warning"] + arguments)
      .trimmingCharacters(in: .newlines)
  }
}
