/// Why there is no connection to the broker, or why it ended.
public struct ConnectionFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// What happened; stable, for decisions and metrics.
  public enum Kind: String, Sendable, Hashable {
    /// The host name could not be resolved.
    case unresolved
    /// Nobody listens, or the network gives no way.
    case unreachable
    /// The connection was not established in time.
    case connectTimeout
    /// TLS was refused by one side; certificates and names included.
    case tls
    /// User or password were refused.
    case accessRefused
    /// The virtual host does not exist or is not open to the user.
    case virtualHost
    /// The broker closed the connection or the channel with a reason.
    case closedByBroker
    /// The broker went away without a word.
    case connectionLost
    /// The broker was silent for two heartbeats.
    case heartbeatTimeout
    /// The peer does not speak AMQP 0-9-1 properly, or was to be sent what AMQP cannot carry.
    case protocolViolation
    /// This side closed the connection.
    case closedByUs
  }

  /// What happened.
  public var kind: Kind
  /// The reason in words, the broker's own text included; never a password.
  public var detail: String
  /// The AMQP reply code when the broker gave one, for example 406.
  public var replyCode: UInt16?
  /// Whether the broker said that a publish was the reason.
  var blamesPublish = false
  /// Whether the broker broke down over something (541, INTERNAL_ERROR); over what, it does not say.
  var isBreakdown: Bool { replyCode == 541 }

  package init(_ kind: Kind, _ detail: String, replyCode: UInt16? = nil) {
    self.kind = kind
    self.detail = detail
    self.replyCode = replyCode
  }

  /// A sentence for a log line.
  public var description: String { detail }
}
