public import SocketTransport

/// How connections to the broker behave.
public struct ConnectionOptions: Sendable, Hashable {
  /// Shown in the broker's list of connections.
  public var connectionName: String
  /// Heartbeat to ask for; the connection counts as dead after two of them without a byte.
  public var heartbeat: Duration
  /// The most time for name resolution, TCP, TLS and login together.
  public var connectTimeout: Duration
  /// The longest that the oldest published message may stay unconfirmed before the connection is given up.
  public var confirmTimeout = Duration.seconds(30)
  /// The most bytes of a message body that are taken.
  public var bodyLimit: Int
  /// TLS, for endpoints whose URL asks for it.
  public var tls: TLSSettings
  /// Whether the client certificate replaces user and password (SASL EXTERNAL).
  public var usesCertificateIdentity = false
  /// The shortest and longest wait before the next attempt to connect.
  public var reconnectDelay: ClosedRange<Duration>

  /// Options with defaults for a service near its broker.
  public init(
    connectionName: String, heartbeat: Duration = .seconds(15), connectTimeout: Duration = .seconds(10),
    bodyLimit: Int = 16 << 20, tls: TLSSettings = .init(),
    reconnectDelay: ClosedRange<Duration> = .milliseconds(250)...(.seconds(5))
  ) {
    self.connectionName = connectionName
    self.heartbeat = heartbeat
    self.connectTimeout = connectTimeout
    self.bodyLimit = bodyLimit
    self.tls = tls
    self.reconnectDelay = reconnectDelay
  }

  /// AMQP counts whole seconds, and 0 switches heartbeats off: a shorter one is rounded up.
  private var heartbeatSeconds: UInt16 {
    let (seconds, attoseconds) = heartbeat.components
    return UInt16(clamping: seconds) + (attoseconds > 0 && seconds < UInt16.max ? 1 : 0)
  }

  func session(for endpoint: BrokerEndpoint) -> SessionSettings {
    SessionSettings(
      user: endpoint.user, password: endpoint.password, virtualHost: endpoint.virtualHost,
      usesCertificateIdentity: usesCertificateIdentity, connectionName: connectionName,
      heartbeatSeconds: heartbeatSeconds, bodyLimit: bodyLimit)
  }
}
