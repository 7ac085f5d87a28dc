import EventLoop
import RedisStore
import RelayCore

@testable import OCRRelay

/// The keeper's scripts in a Redis, word for word but for their clock, which is that of the test.
actor LedgerDriver {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private var client: RedisClient?
  private var keepers: [FleetKeeper] = []

  init(_ url: String, members: Int) async throws {
    loop = try EventLoop(name: "ledger")
    await start(try RedisURL.parse(url), members)
  }

  deinit { loop.stop() }

  private func start(_ endpoint: RedisEndpoint, _ members: Int) async {
    let options = RedisOptions(budget: .seconds(60))
    let client = RedisClient(endpoint: endpoint, options: options, reactor: loop.reactor, pool: BufferPool())
    keepers = (0..<members).map { FleetKeeper(client: client, prefix: "test:", name: "fleet", member: "member-\($0)") }
    self.client = client
    client.start()
    await withCheckedContinuation { continuation in client.whenSettled { continuation.resume() } }
  }

  func stop() { client?.stop() }

  func lease(_ member: Int, _ request: LeaseRequest, now: Duration) async -> LeaseAnswer? {
    let keeper = keepers[member]
    let reply = await run(FleetKeeper.lease, keeper.keys, keeper.arguments(of: request), now)
    return reply.flatMap(LeaseAnswer.init(reply:))
  }

  func tell(_ member: Int, _ step: OutageStep, now: Duration) async -> OutageAnswer? {
    let keeper = keepers[member]
    let reply = await run(FleetKeeper.outage, [keeper.keys[0], keeper.turnKey], keeper.arguments(of: step), now)
    return reply.flatMap(OutageAnswer.init(reply:))
  }

  func leave(_ member: Int, _ unused: SlotSupply.Run?, now: Duration) async {
    let keeper = keepers[member]
    _ = await run(FleetKeeper.leave, keeper.keys + [keeper.turnKey], keeper.arguments(ofLeaving: unused), now)
  }

  /// The time of a turn is over.
  func endTurn() async {
    let command = RedisCommand([.text("DEL"), keepers[0].turnKey])
    await withCheckedContinuation { continuation in client?.send(command) { _ in continuation.resume() } }
  }

  private func run(
    _ script: RedisScript, _ keys: [RedisArgument], _ arguments: [RedisArgument], _ now: Duration
  ) async -> RedisReply? {
    let text = script.source
      .replacing("redis.call('TIME')", with: "{ARGV[#ARGV - 1], ARGV[#ARGV]}")
      .replacing("'PX', 5000", with: "'PX', 3600000")
    let microseconds = now.components.attoseconds / 1_000_000_000_000
    let clock: [RedisArgument] = [.integer(now.components.seconds), .integer(microseconds)]
    return await withCheckedContinuation { continuation in
      client?.run(RedisScript(text), keys: keys, arguments: arguments + clock) {
        continuation.resume(returning: try? $0.get())
      }
    }
  }
}
