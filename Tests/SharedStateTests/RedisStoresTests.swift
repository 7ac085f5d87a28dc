import RedisStore
import RelayCore
import TestSupport
import Testing

@testable import SharedState

@Suite(.serialized) struct RedisStoresTests {
  private static let contents = TokenContents(text: Secret("canary-token"), projectID: "p", lifetime: .seconds(86_400))
  private static func sealer() throws -> Sealer { Sealer(key: try SealingKey(text: SealerTests.key)) }

  @Test func aFleetSharesOneLoginAndItsSealedToken() async throws {
    let redis = try await PrivateRedis.start()
    var drivers: [StoreDriver] = []
    for _ in 0..<8 {
      let driver = try StoreDriver()
      try await driver.useRedis(redis.url, Self.sealer())
      drivers.append(driver)
    }
    let verdicts = try await withThrowingTaskGroup(of: TokenReply.Verdict.self) { group in
      for driver in drivers { group.addTask { try await driver.verdict(.claim(LoginClaim())) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(verdicts.filter { $0 == .granted(lease: 1) }.count == 1, "\(verdicts)")
    #expect(verdicts.filter { if case .busy = $0 { true } else { false } }.count == 7)
    #expect(try await drivers[3].verdict(.save(lease: 1, Self.contents, age: .zero)) == .done)
    for driver in drivers {
      let reply = try await driver.perform(.load).get()
      #expect(reply.token?.contents == Self.contents)
      await driver.stop()
    }
    #expect(!(try await redis.control("GET", "ocr:token:c")).contains("canary"))
    #expect(try #require(Int(try await redis.control("PTTL", "ocr:token:c"))) > 86_400_000)
  }

  /// Operations of several processes in any order are one history: each one's reply is that of the pure record.
  @Test func concurrentOperationsNeverOverwriteEachOther() async throws {
    let redis = try await PrivateRedis.start()
    let drivers = [try StoreDriver(), try StoreDriver(), try StoreDriver()]
    for driver in drivers { try await driver.useRedis(redis.url, Self.sealer()) }
    let contents = Self.contents
    let leases = try await withThrowingTaskGroup(of: [UInt64].self) { group in
      for driver in drivers {
        group.addTask {
          var leases: [UInt64] = []
          for _ in 0..<40 {
            // A claim that no token satisfies; the saved ones keep the budget free.
            let claim = LoginClaim(newerThan: leases.last ?? 0, budget: 1_000)
            guard case .granted(let lease) = try await driver.verdict(.claim(claim)) else { continue }
            leases.append(lease)
            _ = try await driver.verdict(.save(lease: lease, contents, age: .zero))
          }
          return leases
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(Set(leases).count == leases.count && !leases.isEmpty)
    #expect(try await drivers[0].perform(.load).get().token?.generation == leases.max())
    for driver in drivers { await driver.stop() }
  }

  @Test func aKeyThatCannotBeOpenedCountsAsNothingAndIsToldOnce() async throws {
    let redis = try await PrivateRedis.start()
    let driver = try StoreDriver()
    try await driver.useRedis(redis.url, Self.sealer())
    for value in ["garbage", ""] {
      try await redis.control("SET", "ocr:token:c", value)
      for _ in 0..<3 { #expect(try await driver.perform(.load).get().token == nil) }
    }
    #expect(await driver.unreadable.count == 1)
    try await redis.control("SET", "ocr:token:c", "garbage")
    #expect(try await driver.verdict(.claim(LoginClaim())) == .granted(lease: 1))
    // Another kind of key altogether.
    try await redis.control("DEL", "ocr:token:c")
    try await redis.control("LPUSH", "ocr:token:c", "x")
    if case .success = await driver.perform(.load) { Issue.record("a list was read as a record") }
    await driver.stop()
  }

  @Test func aLostRedisFailsWithinABoundedTime() async throws {
    let redis = try await PrivateRedis.start()
    let driver = try StoreDriver()
    try await driver.useRedis(redis.url, Self.sealer(), budget: .milliseconds(20))
    redis.pause()
    // Its tries open the breaker, so that the next one fails at once.
    for _ in 0..<2 {
      if case .success = await driver.perform(.claim(LoginClaim())) { Issue.record("a paused server answered") }
    }
    redis.resume()
    await driver.stop()
  }

  @Test func theFirstResultWinsAndIsSealed() async throws {
    let redis = try await PrivateRedis.start()
    let sealer = try Self.sealer()
    let drivers = [try StoreDriver(), try StoreDriver()]
    for driver in drivers { try await driver.useRedis(redis.url, sealer) }
    let key = ResultKey(high: 1, low: .max)
    let name = "ocr:result:0000000000000001ffffffffffffffff"
    let first = StoredResult(body: Array("canary 1".utf8), attempts: 2, milliseconds: 3, requestID: "r")
    let second = StoredResult(body: Array("canary 2".utf8), attempts: 1, milliseconds: 9)
    #expect(await drivers[0].find(key, in: sealer) == nil)
    #expect(await drivers[0].keep(key, first, in: sealer) == nil)
    #expect(await drivers[1].keep(key, second, in: sealer) == first)
    #expect(await drivers[1].find(key, in: sealer) == first)
    #expect(!(try await redis.control("GET", name)).contains("canary"))
    #expect(try #require(Int(try await redis.control("PTTL", name))) > 50_000)
    // What was put there by others is not believed.
    try await redis.control("RENAME", name, "ocr:result:00000000000000020000000000000002")
    #expect(await drivers[0].find(ResultKey(high: 2, low: 2), in: sealer) == nil)
    let large = StoredResult(body: [UInt8](repeating: 1, count: 100_001), attempts: 1, milliseconds: 1)
    #expect(await drivers[0].keep(key, large, in: sealer) == nil)
    #expect(await drivers[0].find(key, in: sealer) == nil)
    for driver in drivers { await driver.stop() }
  }

  @Test func withoutRedisTheMemoryKeepsResults() async throws {
    let redis = try await PrivateRedis.start()
    let driver = try StoreDriver()
    try await driver.useRedis(redis.url, Self.sealer())
    #expect(try await driver.keepsWithoutRedis(redis, Self.sealer()))
    await driver.stop()
  }
}

extension StoreDriver {
  /// Keeps a result in a store whose Redis is gone, and finds it again.
  func keepsWithoutRedis(_ redis: PrivateRedis, _ sealer: Sealer) async throws -> Bool {
    let results = try #require(makeResults(sealer))
    await redis.kill()
    let key = ResultKey(high: 3, low: 3)
    let result = StoredResult(body: [1], attempts: 1, milliseconds: 1)
    _ = await withCheckedContinuation { continuation in
      results.keep(key, result) { continuation.resume(returning: $0) }
    }
    return await withCheckedContinuation { continuation in
      results.find(key) { continuation.resume(returning: $0 == result) }
    }
  }
}
