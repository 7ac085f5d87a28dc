/// Where a broker is and how to log in: one host of an AMQP URL.
public struct BrokerEndpoint: Sendable, Hashable {
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
}

/// No way of printing an endpoint shows its password: not a log line, not a debugger, not `dump`.
extension BrokerEndpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Host, port and virtual host; for log lines.
  public var description: String {
    let shownHost = host.contains(":") ? "[\(host)]" : host
    return "\(usesTLS ? "amqps" : "amqp")://\(shownHost):\(port)/\(virtualHost)"
  }

  /// The same as `description`.
  public var debugDescription: String { description }

  /// What `dump` shows: `description` alone.
  public var customMirror: Mirror { Mirror(self, children: ["endpoint": description]) }
}
