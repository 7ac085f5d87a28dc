public import RelayCore
public import SocketTransport

/// The broker and the work queue.
public struct AMQPSettings: Sendable, Equatable {
  /// What to do about exchanges and queues at start.
  public enum Topology: String, Sendable, CaseIterable {
    /// Declare what is missing.
    case apply
    /// Declare nothing and refuse to work when something is missing or different.
    case verify
    /// Neither declare nor look.
    case off
  }

  /// Addresses of the broker's nodes, tried in turn; each with user, password and virtual host.
  public var urls = [Secret("amqp://guest:guest@127.0.0.1:5672")]
  /// The queue that requests are taken from.
  public var queue = "ocr.requests"
  /// Several queues that requests are taken from, with weights; empty means ``queue`` alone.
  public var lanes: [NamedWeight] = []
  /// The queue for requests of publishers that have more than their share waiting; nil when there is none.
  public var overflowQueue: String?
  /// Requests in work at the same time, of each queue.
  public var prefetch = 50
  /// What to do about exchanges and queues at start.
  public var topology = Topology.apply
  /// Heartbeat offered to the broker; a connection silent for twice as long counts as dead.
  public var heartbeat = Duration.seconds(15)
  /// Bound for connecting and logging in.
  public var connectTimeout = Duration.seconds(10)
  /// Pause before the first attempt to connect again; each further pause doubles, with jitter.
  public var reconnectMinimum = Duration.milliseconds(500)
  /// Longest pause between attempts to connect.
  public var reconnectMaximum = Duration.seconds(5)
  /// How long the broker may take to confirm a published message.
  public var confirmTimeout = Duration.seconds(30)
  /// Authorities for `amqps`, as PEM; nil means those of the system.
  public var caFile: String?
  /// The relay's own certificate for mutual TLS, as PEM.
  public var certificateFile: String?
  /// The key of that certificate, as PEM.
  public var keyFile: String?
}

extension AMQPSettings {
  /// The queues that requests come in, the first of them ``queue``, with their weights.
  var weightedQueues: [NamedWeight] {
    let first = lanes.first { $0.name == queue } ?? NamedWeight(name: queue, weight: 1)
    return [first] + lanes.filter { $0.name != queue }
  }

  /// All queues that are consumed, in the order of their lanes: the one for overflow comes last.
  public var consumedQueues: [String] { weightedQueues.map(\.name) + (overflowQueue.map { [$0] } ?? []) }

  /// Certificates and authorities for `amqps`.
  public var tls: TLSSettings {
    TLSSettings(caFile: caFile, certificateFile: certificateFile, keyFile: keyFile)
  }
}
