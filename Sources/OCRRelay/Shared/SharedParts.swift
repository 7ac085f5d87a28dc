internal import EventLoop
internal import Logging
internal import OCRContract
internal import RedisStore
internal import RelayCore
internal import SharedState

/// What a worker shares with other processes and with the other loops of its own: Redis and stores, as configured.
///
/// Isolation: not `Sendable`; belongs to its worker's loop.
final class SharedParts {
  /// Nil when nothing is kept in Redis.
  let redis: RedisClient?

  private let configuration: RelayConfiguration
  private let commons: LoopCommons?
  private let reactor: Reactor
  private let logger: Logger
  /// Nil without a key.
  private let sealer: Sealer?
  private let pool: BufferPool
  /// What relays that share a rate tell each other; nil when this one shares it with nobody.
  private var subscriber: RedisSubscriber?

  init(
    _ configuration: RelayConfiguration, commons: LoopCommons?, reactor: Reactor, pool: BufferPool, logger: Logger
  ) throws(RelayStartError) {
    self.configuration = configuration
    self.commons = commons
    self.reactor = reactor
    self.logger = logger
    self.pool = pool
    sealer = try Self.makeSealer(configuration.seal)
    redis =
      configuration.usesRedis ? try Self.makeClient(configuration.redis, reactor: reactor, pool: pool) : nil
    redis?.observe { [logger] in Self.log($0, logger) }
  }

  /// Begins to connect. What needs Redis works without it until then.
  func start() {
    redis?.start()
    subscriber?.start()
  }

  /// Closes the connection.
  func stop() {
    subscriber?.stop()
    redis?.stop()
  }

  /// The store of results; nil when none are kept.
  func makeResultStore() throws(RelayStartError) -> (any ResultStore)? {
    let settings = configuration.results
    switch settings.kind {
    case .off: return nil
    case .memory: return commons?.results ?? resultMemory
    case .redis:
      let (redis, sealer) = try redisAndSealer(for: "results.kind")
      return RedisResultStore(
        client: redis, keyPrefix: configuration.redis.keyPrefix + "result:", sealer: sealer,
        lifetime: settings.lifetime, largestBody: Self.largestResult, memory: resultMemory)
    }
  }

  /// The store of the token, and of what is known of an access key.
  func makeTokenStore() throws(RelayStartError) -> any TokenStore {
    guard configuration.auth.kind.isShared else { return memoryTokenStore }
    switch configuration.auth.store {
    case .memory: return memoryTokenStore
    case .file: return try makeFileTokenStore()
    case .redis:
      let (redis, sealer) = try redisAndSealer(for: "auth.store")
      let key = configuration.redis.keyPrefix + "token:" + configuration.credentialName
      let store = RedisTokenStore(client: redis, key: key, sealer: sealer)
      store.onUnreadable = { [logger] in Self.logUnreadable($0, logger) }
      return store
    }
  }

  /// Lets the permits of this process come from the rate that all relays share, if they do.
  func share(_ permits: PermitDesk) throws(RelayStartError) {
    guard configuration.rate.store == .redis else { return }
    guard let redis else { throw RelayStartError(description: "rate.store needs redis.url") }
    let policy = FleetPolicy(maximumMembers: configuration.rate.mostRelays)
    let keeper = FleetKeeper(
      client: redis, prefix: configuration.redis.keyPrefix, name: configuration.credentialName,
      member: String(UInt64.random(in: 1 ... .max), radix: 16))
    permits.join(keeper, policy)
    let subscriber = RedisSubscriber(
      endpoint: redis.endpoint, options: Self.subscriberOptions(configuration.redis), channel: keeper.newsChannel,
      reactor: reactor, pool: pool)
    subscriber.onMessage = { [unowned permits] in permits.heard($0) }
    self.subscriber = subscriber
  }

  private static func subscriberOptions(_ settings: RedisSettings) -> RedisOptions {
    var options = RedisOptions(clientName: "ocr-relay-news")
    options.tls = settings.tls
    options.reconnectDelay = .milliseconds(250)...Duration.seconds(5)
    return options
  }

  private var resultMemory: MemoryResultStore {
    let (settings, loops) = (configuration.results, configuration.process.loops)
    return MemoryResultStore(maximumBytes: settings.maximumBytes / loops, lifetime: settings.lifetime) { [reactor] in
      .nanoseconds(reactor.now.nanoseconds)
    }
  }

  private var memoryTokenStore: any TokenStore {
    if let commons { return commons.tokens }
    return MemoryTokenStore { [reactor] in reactor.now.nanoseconds / 1_000_000 }
  }

  /// A folder that was asked for must be usable. Without one the token is kept in memory: nothing is lost but a login.
  private func makeFileTokenStore() throws(RelayStartError) -> any TokenStore {
    let wanted = configuration.auth.storeFolder
    guard let folder = wanted ?? StateFolder.expected() else { return withoutFolder("this user has no home") }
    if let problem = StateFolder.prepare(folder) {
      if wanted != nil { throw RelayStartError(description: "auth.store_folder: \(problem)") }
      return withoutFolder(problem)
    }
    let store = FileTokenStore(
      folder: folder, credential: configuration.credentialName, wrapping: sealer.map(Wrapping.sealed) ?? .plain,
      reactor: reactor, now: WallClock.milliseconds)
    store.onUnreadable = { [logger] in Self.logUnreadable($0, logger) }
    return store
  }

  private func withoutFolder(_ problem: String) -> any TokenStore {
    logger.notice(
      "the token is kept in memory: relays of this machine do not share it",
      metadata: ["reason": "\(problem)", "advice": "set auth.store_folder, or auth.store to memory or redis"])
    return memoryTokenStore
  }

  private static func logUnreadable(_ problem: String, _ logger: Logger) {
    logger.warning("the stored token cannot be read; it will be replaced", metadata: ["reason": "\(problem)"])
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
      let others = settings.otherKey.isEmpty ? [] : [try SealingKey(text: settings.otherKey.reveal())]
      return Sealer(key: try SealingKey(text: settings.key.reveal()), others: others)
    } catch {
      throw RelayStartError(description: "seal: a key \(error)")
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
