public import SocketTransport

/// How a ``DeadLetterDesk`` reaches its broker.
public struct DeskOptions: Sendable {
  /// The most time for a connection.
  public var connectTimeout = Duration.seconds(10)
  /// Heartbeat to ask for.
  public var heartbeat = Duration.seconds(15)
  /// TLS, for `amqps` addresses.
  public var tls = TLSSettings()

  /// Defaults for an operator near the broker.
  public init() {}
}
