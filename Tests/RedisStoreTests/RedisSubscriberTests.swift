import EventLoop
import SocketTransport
import TestSupport
import Testing

@testable import RedisStore

/// With real servers.
@Suite(.serialized) struct RedisSubscriberTests {
  @Test func messagesComeInOrderAndOnlyThoseOfTheChannel() async throws {
    let redis = try await PrivateRedis.start()
    let driver = try SubscriberDriver(RedisURL.parse(redis.url))
    await driver.start("news")
    await driver.reach(listening: 1)
    #expect(try await redis.control("PUBLISH", "other", "nothing") == "0")
    for number in 0..<20 { #expect(try await redis.control("PUBLISH", "news", "number \(number)") == "1") }
    await driver.reach(messages: 20)
    #expect(await driver.messages == (0..<20).map { "number \($0)" })
    #expect(await driver.trouble == nil)
    await driver.stop()
  }

  @Test func aLostConnectionIsMadeAnew() async throws {
    let redis = try await PrivateRedis.start()
    let driver = try SubscriberDriver(RedisURL.parse(redis.url))
    await driver.start("news")
    await driver.reach(listening: 1)
    try await redis.control("CLIENT", "KILL", "TYPE", "pubsub")
    await driver.reach(listening: 2)
    await redis.kill()
    try await redis.start()
    await driver.reach(listening: 3)
    try await redis.control("PUBLISH", "news", "after all")
    await driver.reach(messages: 1)
    #expect(await driver.messages == ["after all"])
    await driver.stop()
  }

  /// The connection stays, and nothing comes: only questions tell it from a quiet channel.
  @Test func aSilentServerIsNoticed() async throws {
    let redis = try await PrivateRedis.start()
    var options = RedisDriver.options()
    options.stallTimeout = .milliseconds(200)
    options.connectTimeout = .milliseconds(200)
    let driver = try SubscriberDriver(RedisURL.parse(redis.url), options)
    await driver.start("news")
    await driver.reach(listening: 1)
    redis.pause()
    while await driver.trouble == nil { await Task.yield() }
    #expect(await driver.trouble?.kind == .silent)
    redis.resume()
    await driver.reach(listening: 2)
    #expect(await driver.trouble == nil)
    await driver.stop()
  }

  @Test func whoMayNotListenIsTold() async throws {
    let redis = try await PrivateRedis.start()
    try await redis.control("ACL", "SETUSER", "relay", "on", ">secret", "+@all", "~*", "resetchannels")
    var endpoint = try RedisURL.parse(redis.url)
    (endpoint.user, endpoint.password) = ("relay", "secret")
    let driver = try SubscriberDriver(endpoint)
    await driver.start("news")
    while await driver.trouble == nil { await Task.yield() }
    #expect(await driver.trouble?.kind == .forbidden)
    try await redis.control("ACL", "SETUSER", "relay", "&news")
    await driver.reach(listening: 1)
    await driver.stop()
  }
}
