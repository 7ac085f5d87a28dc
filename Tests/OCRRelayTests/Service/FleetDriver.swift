import EventLoop
import RedisStore
import RelayCore
import Testing

@testable import OCRRelay

/// Keepers of several processes with one Redis, on a loop of their own, and what they are told.
actor FleetDriver {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private var client: RedisClient?
  private var keepers: [FleetKeeper] = []
  private var subscriber: RedisSubscriber?
  private var heard: [FleetNews] = []
  private var waiter: (count: Int, continuation: CheckedContinuation<Void, Never>)?

  init(_ url: String, members: Int) async throws {
    loop = try EventLoop(name: "fleet")
    await start(try RedisURL.parse(url), members: members)
  }

  deinit { loop.stop() }

  private func start(_ endpoint: RedisEndpoint, members: Int) async {
    let options = RedisOptions(budget: .seconds(10))
    let client = RedisClient(endpoint: endpoint, options: options, reactor: loop.reactor, pool: BufferPool())
    keepers = (0..<members).map { FleetKeeper(client: client, prefix: "test:", name: "fleet", member: "member-\($0)") }
    let subscriber = RedisSubscriber(
      endpoint: endpoint, options: options, channel: keepers[0].newsChannel, reactor: loop.reactor, pool: BufferPool())
    subscriber.onMessage = { [unowned self] message in note(message) }
    (self.client, self.subscriber) = (client, subscriber)
    client.start()
    await withCheckedContinuation { continuation in client.whenSettled { continuation.resume() } }
    await withCheckedContinuation { continuation in
      var continuation: CheckedContinuation<Void, Never>? = continuation
      subscriber.onListening = {
        continuation?.resume()
        continuation = nil
      }
      subscriber.start()
    }
  }

  func stop() {
    subscriber?.stop()
    client?.stop()
  }

  /// Plays a scene on the fleet's own thread, anew until it was over within half a second. The scripts count in seconds,
  /// which pass between two steps when the machine has other work.
  func playQuickly<Row: Sendable>(
    preparing prepare: @Sendable () async throws -> Void,
    scene: @Sendable (isolated FleetDriver) async throws -> [Row]
  ) async throws -> [Row] {
    for _ in 0..<1_000 {
      try await prepare()
      let begin = ContinuousClock.now
      let rows = try await scene(self)
      if ContinuousClock.now - begin < .milliseconds(500) { return rows }
    }
    throw SlowMachine()
  }

  /// No scene was quick enough to mean anything.
  struct SlowMachine: Error {}

  func lease(_ member: Int, _ request: LeaseRequest) async -> LeaseAnswer? {
    await withCheckedContinuation { continuation in
      keepers[member].lease(request) { continuation.resume(returning: $0) }
    }
  }

  func tell(_ member: Int, _ step: OutageStep) async -> OutageAnswer? {
    await withCheckedContinuation { continuation in
      keepers[member].tell(step) { continuation.resume(returning: $0) }
    }
  }

  func leave(_ member: Int) async {
    await withCheckedContinuation { continuation in keepers[member].leave(nil) { continuation.resume() } }
  }

  /// The first so many news.
  func news(_ count: Int) async -> [FleetNews] {
    if heard.count < count {
      await withCheckedContinuation { waiter = (count, $0) }
    }
    return Array(heard.prefix(count))
  }

  private func note(_ message: [UInt8]) {
    if let news = FleetNews(message) { heard.append(news) }
    guard let waiter, heard.count >= waiter.count else { return }
    self.waiter = nil
    waiter.continuation.resume()
  }
}
