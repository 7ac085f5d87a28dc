import EventLoop
import RedisStore
import RelayCore
import SharedState
import Synchronization

/// A token store on a loop of its own, as each process has one.
actor StoreDriver {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private var store: (any TokenStore)?
  private var client: RedisClient?
  private(set) var unreadable: [String] = []

  init() throws {
    loop = try EventLoop(name: "store")
  }

  deinit { loop.stop() }

  func useFile(
    _ folder: String, _ wrapping: Wrapping = .plain, patience: Duration = .seconds(30),
    now: @escaping @Sendable () -> Int64 = { 1_000_000 }
  ) {
    let store = FileTokenStore(
      folder: folder, credential: "c", wrapping: wrapping, reactor: loop.reactor, patience: patience, now: now)
    store.onUnreadable = { [self] in unreadable.append($0) }
    self.store = store
  }

  /// Waits until Redis can be used.
  func useRedis(_ url: String, _ sealer: Sealer, key: String = "ocr:token:c", budget: Duration = .seconds(5))
    async throws
  {
    let options = RedisOptions(budget: budget, markerKey: "ocr:marker")
    let client = RedisClient(
      endpoint: try RedisURL.parse(url), options: options, reactor: loop.reactor, pool: BufferPool())
    let store = RedisTokenStore(client: client, key: key, sealer: sealer)
    store.onUnreadable = { [self] in unreadable.append($0) }
    self.store = store
    self.client = client
    await withCheckedContinuation { continuation in
      var waiting: CheckedContinuation<Void, Never>? = continuation
      client.observe { event in
        guard case .available = event else { return }
        waiting?.resume()
        waiting = nil
      }
      client.start()
    }
  }

  func perform(_ operation: TokenOperation) async -> Result<TokenReply, TokenStoreFailure> {
    await withCheckedContinuation { continuation in
      guard let store else { preconditionFailure("StoreDriver.perform without a store") }
      store.perform(operation) { continuation.resume(returning: $0) }
    }
  }

  func verdict(_ operation: TokenOperation) async throws -> TokenReply.Verdict {
    try await perform(operation).get().verdict
  }

  func fails(_ operation: TokenOperation) async -> Bool {
    if case .failure = await perform(operation) { true } else { false }
  }

  /// A store of results in the same Redis.
  func makeResults(_ sealer: Sealer, memoryBytes: Int = 1 << 20) -> RedisResultStore? {
    client.map {
      RedisResultStore(
        client: $0, keyPrefix: "ocr:result:", sealer: sealer, lifetime: .seconds(60), largestBody: 100_000,
        memory: MemoryResultStore(maximumBytes: memoryBytes, lifetime: .seconds(60), now: { .zero }))
    }
  }

  func find(_ key: ResultKey, in sealer: Sealer) async -> StoredResult? {
    await withCheckedContinuation { continuation in
      makeResults(sealer)?.find(key) { continuation.resume(returning: $0) }
    }
  }

  func keep(_ key: ResultKey, _ result: StoredResult, in sealer: Sealer) async -> StoredResult? {
    await withCheckedContinuation { continuation in
      makeResults(sealer)?.keep(key, result) { continuation.resume(returning: $0) }
    }
  }

  func stop() {
    store?.stop()
    client?.stop()
    store = nil
    client = nil
  }
}
