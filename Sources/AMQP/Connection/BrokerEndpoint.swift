/// Where a broker is and how to log in: one host of an AMQP URL.
public struct BrokerEndpoint: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
  /// Host name or address.
  public var host: String
  /// TCP port.
  public var port: Int
  /// User name.
  public var user: String
  /// Password; never printed.
  public var password: String
  /// Virtual host.
  public var virtualHost: String
  /// Whether the URL asked for TLS (`amqps`).
  public var usesTLS: Bool

  /// Host, port and virtual host; for log lines.
  public var description: String { "\(usesTLS ? "amqps" : "amqp")://\(host):\(port)/\(virtualHost)" }

  /// The same as `description`: a debugger's log must not show the password either.
  public var debugDescription: String { description }
}
