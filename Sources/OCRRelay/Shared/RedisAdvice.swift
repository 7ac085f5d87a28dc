internal import RedisStore

/// What an operator can do about Redis.
enum RedisAdvice {
  static func text(for failure: RedisFailure) -> String {
    switch failure.kind {
    case .unresolved: "check the host name in redis.url and the name server"
    case .unreachable: "check that Redis runs and that host and port in redis.url are right"
    case .connectionLost: "check whether Redis was stopped"
    case .tls: "check that the port speaks TLS, and the certificates: redis.ca_file, redis.certificate_file"
    case .silent, .timedOut: "check the load of Redis and the network to it; redis.budget_ms says how long it may take"
    case .protocolViolation: "check that the port in redis.url is that of Redis or Valkey"
    case .wrongPassword: "check user and password in redis.url, or redis.password"
    case .forbidden:
      "give the user +@all, or at least its commands, on keys and channels that begin with redis.key_prefix"
    case .unknownDatabase: "check the number behind the host in redis.url"
    case .loading: "nothing; Redis is starting"
    case .readOnly, .noPrimary: "point redis.url at the primary"
    case .outOfMemory: "raise maxmemory of Redis, or let it evict keys"
    case .cannotSave: "make room on the disk of Redis; its log says why it cannot save"
    case .busy: "look for the script of another client that runs too long (SCRIPT KILL)"
    case .tooManyClients: "raise maxclients of Redis"
    case .cluster: "use a single server, or a proxy that speaks for the cluster"
    case .unavailable, .queueFull, .tooLarge, .refused, .stopped: "nothing; the relay tries again by itself"
    }
  }
}
