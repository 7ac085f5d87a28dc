internal import EventLoop
internal import Logging
internal import OCRContract
internal import RedisStore
internal import RelayCore
internal import SharedState

/// What a worker shares with other processes: Redis and the stores in it, as configured.
///
/// Isolation: not `Sendable`; belongs to its worker's loop.
final class SharedParts {
  /// Nil when nothing is kept in Redis.
  let redis: RedisClient?

  private let configuration: RelayConfiguration
  private let reactor: Reactor
  private let logger: Logger
  /// Nil without a key.
  private let sealer: Sealer?

  init(
    _ configuration: RelayConfiguration, reactor: Reactor, pool: BufferPool, logger: Logger
  ) throws(RelayStartError) {
    self.configuration = configuration
    self.reactor = reactor
    self.logger = logger
    sealer = try Self.makeSealer(configuration.seal)
    redis =
      configuration.usesRedis ? try Self.makeClient(configuration.redis, reactor: reactor, pool: pool) : nil
    redis?.observe { [logger] in Self.log($0, logger) }
  }

  /// Begins to connect. What needs Redis works without it until then.
  func start() {
    redis?.start()
  }

  /// Closes the connection.
  func stop() {
    redis?.stop()
  }

  /// The store of results; nil when none are kept.
  func makeResultStore() throws(RelayStartError) -> (any ResultStore)? {
    let settings = configuration.results
    let memory = MemoryResultStore(maximumBytes: settings.maximumBytes, lifetime: settings.lifetime) { [reactor] in
      .nanoseconds(reactor.now.nanoseconds)
    }
    switch settings.kind {
    case .off: return nil
    case .memory: return memory
    case .redis:
      let (redis, sealer) = try redisAndSealer(for: "results.kind")
      return RedisResultStore(
        client: redis, keyPrefix: configuration.redis.keyPrefix + "result:", sealer: sealer,
        lifetime: settings.lifetime, largestBody: Self.largestResult, memory: memory)
    }
  }

  /// Larger results are rare, and each would hold up the commands behind it.
  private static let largestResult = 1 << 20

  private func redisAndSealer(for key: String) throws(RelayStartError) -> (RedisClient, Sealer) {
    guard let redis else { throw RelayStartError(description: "\(key) needs redis.url") }
    guard let sealer else { throw RelayStartError(description: "\(key) needs seal.key") }
    return (redis, sealer)
  }

  private static func makeSealer(_ settings: SealSettings) throws(RelayStartError) -> Sealer? {
    guard !settings.key.isEmpty else { return nil }
    do throws(SealingKey.Problem) {
      return Sealer(key: try SealingKey(text: settings.key.reveal()))
    } catch {
      throw RelayStartError(description: "seal.key \(error)")
    }
  }

  private static func makeClient(
    _ settings: RedisSettings, reactor: Reactor, pool: BufferPool
  ) throws(RelayStartError) -> RedisClient {
    do throws(RedisURL.Problem) {
      var endpoint = try RedisURL.parse(settings.url.reveal())
      if !settings.password.isEmpty { endpoint.password = settings.password.reveal() }
      var options = RedisOptions(budget: settings.budget, markerKey: settings.keyPrefix + "marker")
      options.tls = settings.tls
      return RedisClient(endpoint: endpoint, options: options, reactor: reactor, pool: pool)
    } catch {
      throw RelayStartError(description: "redis.url: \(error)")
    }
  }

  private static func log(_ event: RedisEvent, _ logger: Logger) {
    switch event {
    case .available(let endpoint): logger.notice("Redis can be used", metadata: ["redis": "\(endpoint)"])
    case .unavailable(let failure, let endpoint):
      logger.warning(
        "Redis cannot be used; the relay goes on without it",
        metadata: [
          "redis": "\(endpoint)", "kind": "\(failure.kind.rawValue)", "reason": "\(failure)",
          "advice": "\(RedisAdvice.text(for: failure))",
        ])
    case .dataLost(let endpoint):
      logger.warning("Redis has lost what was kept in it", metadata: ["redis": "\(endpoint)"])
    }
  }
}
