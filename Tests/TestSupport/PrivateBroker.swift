import Foundation

/// A RabbitMQ node of its own, on loopback ports, with its own data. It ends with the test process at the latest.
///
/// A start takes about five seconds: tests that only publish and consume share one with ``shared()``, each with a
/// virtual host of its own. Tests that stop the broker start their own.
public final class PrivateBroker: Sendable {
  /// What the node listens for besides plain AMQP.
  public enum Listener: String, Sendable {
    /// TLS without client certificates.
    case tls = "--tls"
    /// TLS that insists on a client certificate of ``certificates``.
    case mutualTLS = "--mutual-tls"
    /// The management page and metrics for Prometheus.
    case management = "--management"
  }

  /// AMQP address with the user `guest` and the default virtual host. It stays the same over restarts.
  public let url: String
  private let folder: String
  private let listeners: [Listener]

  private init(url: String, folder: String, listeners: [Listener]) {
    self.url = url
    self.folder = folder
    self.listeners = listeners
  }

  /// Starts a node and waits until it takes connections.
  public static func start(_ listeners: Listener...) async throws -> PrivateBroker {
    // Made by the script, which also deletes it: at ``remove()``, or when this process has ended.
    let folder = FileManager.default.temporaryDirectory.appending(path: "ocr-relay-broker-\(UUID().uuidString)").path
    let url = try await run("start", folder, listeners.map(\.rawValue) + ["--owner", String(getpid())])
    return PrivateBroker(url: url, folder: folder, listeners: listeners)
  }

  /// The node that the tests of this process share. Do not stop it.
  public static func shared() async throws -> PrivateBroker { try await sharedStart.value }

  private static let sharedStart = Task { try await PrivateBroker.start() }

  /// The certificates of a TLS listener.
  public var certificates: Certificates { Certificates(folder: folder + "/tls") }

  /// Address of the TLS listener; only with a listener for it.
  public func tlsURL() async throws -> String { try await Self.run("url", folder, ["--tls"]) }

  /// Address of the management API; only with the listener for it.
  public func managementURL() async throws -> String { try await Self.run("url", folder, ["--management"]) }

  /// Address of the metrics of each queue; only with the listener for management.
  public func metricsURL() async throws -> String { try await Self.run("url", folder, ["--metrics"]) }

  /// Starts it again after ``stop()`` or ``kill()``, with the same ports and data.
  public func start() async throws { _ = try await Self.run("start", folder, listeners.map(\.rawValue)) }

  /// Stops it in order; the data stays.
  public func stop() async throws { _ = try await Self.run("stop", folder, []) }

  /// Ends it with SIGKILL; the data stays.
  public func kill() async throws { _ = try await Self.run("kill", folder, []) }

  /// Stops and starts it.
  public func restart() async throws {
    try await stop()
    try await start()
  }

  /// Ends it and deletes its data.
  public func remove() async throws { _ = try await Self.run("remove", folder, []) }

  /// Runs `rabbitmqctl` for this node and returns what it prints.
  @discardableResult
  public func control(_ arguments: String...) async throws -> String {
    try await Self.run("ctl", folder, ["-q"] + arguments)
  }

  /// Makes an empty virtual host for one test and returns its AMQP address.
  public func makeVirtualHost() async throws -> String {
    let name = "test-\(UUID().uuidString.lowercased())"
    try await control("add_vhost", name)
    try await control("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
    return "\(url)/\(name)"
  }

  /// Messages ready and unacknowledged in each queue of a virtual host, by name.
  public func queues(virtualHost: String = "/") async throws -> [String: QueueDepth] {
    let table = try await control(
      "list_queues", "-p", virtualHost, "--no-table-headers", "name", "messages_ready", "messages_unacknowledged")
    let rows = table.split(separator: "\n").compactMap { line -> (String, QueueDepth)? in
      let columns = line.split(separator: "\t")
      guard columns.count == 3, let ready = Int(columns[1]), let unacknowledged = Int(columns[2]) else { return nil }
      return (String(columns[0]), QueueDepth(ready: ready, unacknowledged: unacknowledged))
    }
    return Dictionary(uniqueKeysWithValues: rows)
  }

  /// How many messages a queue holds.
  public struct QueueDepth: Sendable, Equatable {
    /// Waiting for a consumer.
    public var ready: Int
    /// Delivered and not yet settled.
    public var unacknowledged: Int
  }

  private static func run(_ action: String, _ folder: String, _ arguments: [String]) async throws -> String {
    try await ChildProcess.run(Repository.path("docker/dev/broker.sh"), [action, folder] + arguments)
      .trimmingCharacters(in: .newlines)
  }
}
