/// Why a command has no reply, or why Redis cannot be used.
public struct RedisFailure: Error, Sendable, Hashable {
  /// What happened; stable, for decisions, log lines and metrics.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    // The way to Redis.
    /// The host name could not be resolved.
    case unresolved
    /// Nobody listens, or the network gives no way.
    case unreachable
    /// The connection broke.
    case connectionLost
    /// TLS was refused by one side; certificates and names included.
    case tls
    /// No answer in time, again and again.
    case silent
    /// The peer does not speak the protocol of Redis, or answered with more than is taken.
    case protocolViolation

    // What Redis says about itself or about this client.
    /// User or password were refused, or are missing.
    case wrongPassword
    /// The user may not do this.
    case forbidden
    /// There is no database with this number.
    case unknownDatabase
    /// Redis loads its data after a start.
    case loading
    /// This is a replica, which takes no writes.
    case readOnly
    /// The replica has lost its primary.
    case noPrimary
    /// The memory limit is reached and nothing may be evicted.
    case outOfMemory
    /// Redis cannot save to its disk and therefore takes no writes.
    case cannotSave
    /// Another client's script blocks Redis.
    case busy
    /// Redis takes no more clients.
    case tooManyClients
    /// The key belongs to another node of a cluster.
    case cluster

    // One command.
    /// No reply within the budget; whether the command took effect is unknown.
    case timedOut
    /// Not sent, because Redis cannot be used at the moment.
    case unavailable
    /// Not sent, because too much is waiting for an answer.
    case queueFull
    /// Not sent, because it is larger than what is sent at once.
    case tooLarge
    /// Redis refused this command with an error of its own.
    case refused
    /// This side was stopped.
    case stopped
  }

  /// What happened.
  public var kind: Kind
  /// The reason in words; never an argument of a command, hence never a password.
  public var detail: String

  package init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }
}

extension RedisFailure: CustomStringConvertible {
  /// A sentence for a log line.
  public var description: String { detail }
}

extension RedisFailure.Kind {
  /// Whether it says that Redis as a whole is of no use now, whatever the command.
  var concernsEveryCommand: Bool {
    switch self {
    case .timedOut, .unavailable, .queueFull, .tooLarge, .refused, .stopped: false
    default: true
    }
  }

  /// Whether another connection may lead to a better server: after a failover the name points elsewhere.
  var callsForReconnect: Bool {
    switch self {
    case .readOnly, .noPrimary, .cluster, .wrongPassword, .tooManyClients: true
    default: false
    }
  }

  /// Kinds that follow from one another in a single outage: a killed Redis first breaks the connection, then refuses
  /// the next. Told once together.
  var outage: RedisFailure.Kind {
    self == .connectionLost ? .unreachable : self
  }
}
