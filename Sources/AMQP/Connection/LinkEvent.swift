/// What a link tells its owner, for log lines and metrics.
public enum LinkEvent: Sendable, Hashable {
  /// Logged in to this endpoint; what the owner wants set up can be requested now.
  case connected(BrokerEndpoint)
  /// No connection, for this reason; the next attempt follows after `retryIn`.
  case disconnected(ConnectionFailure, BrokerEndpoint, retryIn: Duration)
  /// The broker reads no more from this connection (memory or disk alarm).
  case blocked(reason: String)
  /// The broker reads again.
  case unblocked
  /// The link was stopped and its connection is closed.
  case stopped
}
