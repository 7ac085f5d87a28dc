/// Where a Redis or Valkey server is and how to log in.
public struct RedisEndpoint: Sendable, Hashable {
  /// Host name or address.
  public var host: String
  /// TCP port.
  public var port: Int
  /// User of an access control list; nil for the server's default user.
  public var user: String?
  /// Password; nil where none is needed. Never printed.
  public var password: String?
  /// Number of the database.
  public var database: Int
  /// Whether to speak TLS (`rediss`).
  public var usesTLS: Bool

  /// An endpoint.
  public init(
    host: String, port: Int = 6379, user: String? = nil, password: String? = nil, database: Int = 0,
    usesTLS: Bool = false
  ) {
    self.host = host
    self.port = port
    self.user = user
    self.password = password
    self.database = database
    self.usesTLS = usesTLS
  }
}

/// No way of printing an endpoint shows its password: not a log line, not a debugger, not `dump`.
extension RedisEndpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Scheme, host, port and database; for log lines.
  public var description: String {
    let shownHost = host.contains(":") ? "[\(host)]" : host
    return "\(usesTLS ? "rediss" : "redis")://\(shownHost):\(port)/\(database)"
  }

  /// The same as `description`.
  public var debugDescription: String { description }

  /// What `dump` shows: `description` alone.
  public var customMirror: Mirror { Mirror(self, children: ["endpoint": description]) }
}
