/// Why a socket or its TLS did not come to be, or ended.
public struct SocketFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// What happened; stable, for decisions.
  public enum Kind: String, Sendable, Hashable {
    /// The host name could not be resolved.
    case unresolved
    /// Nobody listens, or the network gives no way.
    case unreachable
    /// TLS was refused by one side; certificates and names included.
    case tls
    /// The established connection broke.
    case connectionLost
  }

  /// What happened.
  public var kind: Kind
  /// The reason in words.
  public var detail: String

  package init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }

  /// A sentence for a log line.
  public var description: String { detail }
}
