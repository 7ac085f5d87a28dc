/// What a client tells its owner, once for each change; for log lines and for features that must react.
public enum RedisEvent: Sendable, Hashable {
  /// Commands are sent from now on.
  case available(RedisEndpoint)
  /// No commands are sent for this reason, or for another one than before; the client goes on trying by itself.
  case unavailable(RedisFailure, RedisEndpoint)
  /// Redis has lost the data that it had: it was flushed, or restarted without saving.
  case dataLost(RedisEndpoint)
}
