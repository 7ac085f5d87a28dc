import EventLoop
import SocketTransport
import TestSupport
import Testing

@testable import RedisStore

/// With real servers. One after the other: some count on a server's whole attention.
@Suite(.serialized) struct RedisServerTests {
  @Test func commandsOfOneTurnTravelTogetherAndAreAnsweredInOrder() async throws {
    let redis = try await PrivateRedis.start()
    let driver = try RedisDriver(RedisURL.parse(redis.url + "/3"))
    await driver.startAndWait()
    let commands = (0..<500).map { RedisCommand(["ECHO", .integer($0)]) }
    let results = await driver.send(all: commands)
    #expect(results.map { try? $0.get().bytes } == (0..<500).map { Array(String($0).utf8) })
    let large = [UInt8](repeating: 7, count: 3_000_000)
    #expect(await driver.send(["SET", "large", .bytes(large)]) == .success(.status("OK")))
    #expect(await driver.send(["GET", "large"]) == .success(.bytes(large)))
    #expect(try await redis.control("-n", "3", "EXISTS", "large") == "1")
    #expect(await driver.send(["GET", "none"]) == .success(.null))
    guard case .failure(let failure) = await driver.send(["LPUSH", "large", "x"]) else {
      Issue.record("no failure")
      return
    }
    #expect(failure.kind == .refused && failure.detail.hasPrefix("WRONGTYPE"))
    #expect(await driver.isAvailable)
    await driver.stop()
    #expect(await driver.events.map(\.text) == ["available"])
  }

  @Test func scriptsAreLoadedWhenTheServerDoesNotKnowThem() async throws {
    let redis = try await PrivateRedis.start()
    let driver = try RedisDriver(RedisURL.parse(redis.url))
    await driver.startAndWait()
    let script = RedisScript("return {tonumber(ARGV[1]) + 1, #KEYS, tonumber(redis.call('TIME')[1])}")
    for round in 0..<3 {
      let reply = try await driver.run(script, keys: ["a", "b"], arguments: [41]).get()
      #expect(reply.integers?.prefix(2) == [42, 2])
      if round == 1 { try await redis.control("SCRIPT", "FLUSH") }
    }
    // Once at the beginning and once after the flush.
    #expect(try await redis.control("INFO", "commandstats").contains("cmdstat_eval:calls=2,"))
    #expect(try await redis.control("SCRIPT", "EXISTS", script.hash).contains("1"))
    await driver.stop()
  }

  @Test func aKilledServerIsToldOnceAndComesBack() async throws {
    let redis = try await PrivateRedis.start()
    let driver = try RedisDriver(RedisURL.parse(redis.url))
    await driver.startAndWait()
    await redis.kill()
    await driver.event { if case .unavailable = $0 { true } else { false } }
    // Attempts go on meanwhile; each command fails at once.
    for _ in 0..<20 {
      guard case .failure(let failure) = await driver.send(["PING"]) else {
        Issue.record("a dead server answered")
        return
      }
      #expect(failure.kind == .unavailable)
    }
    try await redis.start()
    await driver.dataLost()
    #expect(await driver.send(["PING"]) == .success(.status("PONG")))
    let told = await driver.events.map(\.text)
    #expect(told.count == 4 && told[0] == "available" && told.suffix(2) == ["available", "dataLost"], "\(told)")
    await driver.stop()
  }

  @Test func aPausedServerCostsTheBudgetOnceAndNothingAfterwards() async throws {
    let redis = try await PrivateRedis.start()
    var options = RedisDriver.options(budget: .milliseconds(50))
    options.checkInterval = .seconds(60)
    options.stallTimeout = .milliseconds(300)
    let driver = try RedisDriver(RedisURL.parse(redis.url), options)
    await driver.startAndWait()
    redis.pause()
    let results = await driver.send(all: Array(repeating: ["PING"], count: 10))
    #expect(results.allSatisfy { $0.failureKind == .timedOut })
    await driver.unavailable(.silent)
    #expect(await driver.send(["PING"]).failureKind == .unavailable)
    #expect(!(await driver.isAvailable))
    redis.resume()
    await driver.available()
    #expect(await driver.events.map(\.text) == ["available", "silent", "available"])
    await driver.stop()
  }

  @Test func aFlushIsToldOnce() async throws {
    let redis = try await PrivateRedis.start()
    let driver = try RedisDriver(RedisURL.parse(redis.url))
    let other = try RedisDriver(RedisURL.parse(redis.url))
    await driver.startAndWait()
    await other.startAndWait()
    try await redis.control("FLUSHALL")
    await driver.dataLost()
    await other.dataLost()
    #expect(await driver.send(["PING"]) == .success(.status("PONG")))
    for client in [driver, other] { #expect(await client.events.map(\.text) == ["available", "dataLost"]) }
    await driver.stop()
    await other.stop()
  }

  @Test func aFullServerIsToldOnce() async throws {
    let redis = try await PrivateRedis.start()
    let driver = try RedisDriver(RedisURL.parse(redis.url), Self.unchecked)
    await driver.startAndWait()
    try await redis.control("CONFIG", "SET", "maxmemory", "1")
    #expect(await driver.send(["SET", "k", "v"]).failureKind == .outOfMemory)
    await driver.unavailable(.outOfMemory)
    #expect(await driver.send(["SET", "k", "v"]).failureKind == .unavailable)
    try await redis.control("CONFIG", "SET", "maxmemory", "0")
    await driver.available()
    #expect(await driver.events.map(\.text) == ["available", "outOfMemory", "available"])
    await driver.stop()
  }

  @Test func whatTakesNoWritesIsNoticedWithoutLoad() async throws {
    let redis = try await PrivateRedis.start()
    let driver = try RedisDriver(RedisURL.parse(redis.url))
    await driver.startAndWait()
    try await redis.control("REPLICAOF", "127.0.0.1", String(FreePort.choose()))
    await driver.unavailable(.readOnly)
    try await redis.control("REPLICAOF", "NO", "ONE")
    await driver.available()
    await driver.stop()
  }

  @Test func aReplicaIsToldOnce() async throws {
    let redis = try await PrivateRedis.start()
    let driver = try RedisDriver(RedisURL.parse(redis.url), Self.unchecked)
    await driver.startAndWait()
    let script = RedisScript("return redis.call('SET', KEYS[1], 'v')")
    // Nobody listens there: a replica that never finds its primary.
    try await redis.control("REPLICAOF", "127.0.0.1", String(FreePort.choose()))
    #expect(await driver.run(script, keys: ["k"]).failureKind == .readOnly)
    await driver.unavailable(.readOnly)
    try await redis.control("REPLICAOF", "NO", "ONE")
    await driver.available()
    #expect(await driver.events.map(\.text) == ["available", "readOnly", "available"])
    await driver.stop()
  }

  @Test func aLoadingServerIsToldOnce() async throws {
    let redis = try await PrivateRedis.start([
      "--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024", "--enable-debug-command", "yes",
    ])
    try await redis.control("DEBUG", "POPULATE", "1000")
    let driver = try RedisDriver(RedisURL.parse(redis.url))
    await driver.startAndWait()
    async let reload = redis.control("DEBUG", "RELOAD")
    await driver.unavailable(.loading)
    _ = try await reload
    await driver.available()
    #expect(await driver.events.map(\.text).filter { $0 != "silent" } == ["available", "loading", "available"])
    await driver.stop()
  }

  @Test func theUserOfAnAccessListIsEnoughAndAWrongPasswordIsToldOnce() async throws {
    let redis = try await PrivateRedis.start([
      "--requirepass", "admin", "--user", "ocr", "on", ">s3cret", "~ocr:*", "+@all", "-@dangerous", "-client",
    ])
    let driver = try RedisDriver(RedisURL.parse("redis://ocr:s3cret@127.0.0.1:\(redis.port)"))
    await driver.startAndWait()
    #expect(await driver.send(["SET", "ocr:k", "v"]) == .success(.status("OK")))
    await driver.stop()
    for login in ["ocr:wr0ng@", ":wr0ng@", ""] {
      let refused = try RedisDriver(RedisURL.parse("redis://\(login)127.0.0.1:\(redis.port)"))
      await refused.start()
      await refused.unavailable(.wrongPassword)
      guard case .unavailable(let failure, _)? = await refused.events.first else { return }
      #expect(!"\(failure)".contains("wr0ng"))
      #expect(await refused.events.count == 1)
      await refused.stop()
    }
  }

  @Test func aMissingRightIsTold() async throws {
    let redis = try await PrivateRedis.start(["--user", "ocr", "on", ">s3cret", "~other:*", "+@all"])
    let driver = try RedisDriver(RedisURL.parse("redis://ocr:s3cret@127.0.0.1:\(redis.port)"))
    await driver.start()
    await driver.unavailable(.forbidden)
    await driver.stop()
  }

  @Test func tlsVerifiesChainAndName() async throws {
    let redis = try await PrivateRedis.start(tls: true)
    var options = RedisDriver.options()
    options.tls.caFile = redis.certificates.authority
    let good = try RedisDriver(RedisURL.parse("rediss://localhost:\(redis.tlsPort)"), options)
    await good.startAndWait()
    let large = [UInt8](repeating: 9, count: 2_000_000)
    #expect(await good.send(["ECHO", .bytes(large)]) == .success(.bytes(large)))
    await good.stop()

    let tls = RedisFailure.Kind.tls
    #expect(try await Self.failure("rediss://localhost:\(redis.tlsPort)", ca: redis.certificates.otherAuthority) == tls)
    #expect(try await Self.failure("rediss://localhost:\(redis.tlsPort)", ca: nil) == tls)
    #expect(try await Self.failure("rediss://localhost:\(redis.port)", ca: redis.certificates.authority) == tls)
    #expect(try await Self.failure("redis://localhost:\(redis.tlsPort)", ca: nil) == .connectionLost)
    options.tls.serverName = "elsewhere.example"
    let elsewhere = try RedisDriver(RedisURL.parse("rediss://localhost:\(redis.tlsPort)"), options)
    await elsewhere.start()
    await elsewhere.unavailable(.tls)
    await elsewhere.stop()
  }

  @Test func whoIsNotThereIsUnreachableOrUnresolved() async throws {
    #expect(try await Self.failure("redis://127.0.0.1:\(FreePort.choose())", ca: nil) == .unreachable)
    #expect(try await Self.failure("redis://no-such-host.invalid", ca: nil) == .unresolved)
  }

  @Test func stoppingAnswersEverything() async throws {
    let redis = try await PrivateRedis.start()
    let driver = try RedisDriver(RedisURL.parse(redis.url))
    await driver.startAndWait()
    let results = await driver.sendAndStop(Array(repeating: ["PING"], count: 3))
    #expect(results.map(\.failureKind) == [.stopped, .stopped, .stopped])
  }

  @Test func tooMuchAtOnceIsRefused() async throws {
    let redis = try await PrivateRedis.start()
    var options = RedisDriver.options()
    options.pendingLimit = 10
    options.outputLimit = 1000
    options.checkInterval = .seconds(60)
    let driver = try RedisDriver(RedisURL.parse(redis.url), options)
    await driver.startAndWait()
    let results = await driver.send(all: Array(repeating: ["PING"], count: 15))
    #expect(results.filter { $0.failureKind == .queueFull }.count == 5)
    #expect(await driver.send(["ECHO", .bytes(Array(repeating: 1, count: 2000))]).failureKind == .tooLarge)
    #expect(await driver.isAvailable)
    await driver.stop()
  }

  /// Nothing but the test's own commands finds out what is wrong.
  private static var unchecked: RedisOptions {
    var options = RedisDriver.options()
    options.checkInterval = .seconds(60)
    return options
  }

  private static func failure(_ url: String, ca: String?) async throws -> RedisFailure.Kind? {
    var options = RedisDriver.options()
    options.tls.caFile = ca
    let driver = try RedisDriver(RedisURL.parse(url), options)
    await driver.start()
    await driver.event { if case .unavailable = $0 { true } else { false } }
    defer { Task { await driver.stop() } }
    guard case .unavailable(let failure, _)? = await driver.events.first else { return nil }
    return failure.kind
  }
}

extension Result where Failure == RedisFailure {
  /// What went wrong; nil for a success.
  var failureKind: RedisFailure.Kind? {
    if case .failure(let failure) = self { failure.kind } else { nil }
  }
}
