import EventLoop
import OCRContract
import RedisStore
import RelayCore
import TestSupport
import Testing

@testable import OCRRelay

/// The keeper's scripts in a real Redis.
struct FleetKeeperTests {
  private static let limit = RateLimit(calls: 100, window: .seconds(10))

  private func lease(_ failed: Int = 0, answered: Int = 0, rate: AdaptiveRate? = nil, known: Int = 0) -> LeaseRequest {
    var limiter = CallLimiter(policy: RatePolicy(limits: [Self.limit]))
    limiter.join(FleetPolicy(), now: .zero, jitter: 0)
    guard var request = limiter.leaseRequest(now: .seconds(1)) else { preconditionFailure("nothing to ask") }
    (request.failed, request.answered, request.known) = (failed, answered, known)
    if let rate {
      request.change = rate.numbers
      request.pausedUntil = rate.pausedUntil
    }
    return request
  }

  @Test func failuresAreCountedInARowOverTheFleet() async throws {
    let redis = try await PrivateRedis.start()
    let fleet = try await FleetDriver(redis.url, members: 2)
    var rows: [Int] = []
    for (member, failed, answered) in [(0, 1, 1), (1, 2, 2), (0, 0, 0), (1, 1, 1), (0, 0, 5), (1, 1, 1), (0, 1, 2)] {
      rows.append(try #require(await fleet.lease(member, lease(failed, answered: answered))).failedInARow)
    }
    #expect(rows == [1, 3, 3, 4, 0, 1, 0], "an answer without a failure ends the row, as does one beside a failure")
    await fleet.stop()
  }

  @Test func anOutageIsToldToAllAndProbedByTurns() async throws {
    let redis = try await PrivateRedis.start()
    let fleet = try await FleetDriver(redis.url, members: 3)
    let cause = "OCR_BACKEND_FAILED,ModelArts.4302"
    @Sendable func step(_ kind: OutageStep.Kind, pause: Duration = .zero, known: Duration = .zero) -> OutageStep {
      OutageStep(kind: kind, pause: pause, known: known, cause: cause)
    }
    let closed = try #require(await fleet.tell(0, step(.close, pause: .seconds(600)))?.outage)
    #expect(closed.failures == 1 && closed.until - closed.changedAt == .seconds(600))
    #expect(closed.code == .backendFailed && closed.backendCode == "ModelArts.4302")
    #expect(await fleet.tell(1, step(.close, pause: .seconds(1)))?.outage == closed, "one of several counts")
    #expect(await fleet.tell(1, step(.probe, known: closed.changedAt))?.isTurnGiven == false, "not yet")
    let again = try #require(await fleet.tell(0, step(.close, known: closed.changedAt))?.outage)
    #expect(again.failures == 2 && again.changedAt > closed.changedAt)

    let turns = try await fleet.playQuickly {
      for member in [1, 2] { await fleet.leave(member) }
    } scene: { (fleet: isolated FleetDriver) async in
      func isGiven(_ member: Int) async -> Bool? {
        await fleet.tell(member, step(.probe, known: again.changedAt))?.isTurnGiven
      }
      let asked = [await isGiven(1), await isGiven(2), await isGiven(1)]
      await fleet.leave(1)
      return asked + [await isGiven(2)]
    }
    #expect(turns[0] == true)
    #expect(turns[1] == false, "one at a time")
    #expect(turns[2] == true, "prolonged")
    #expect(turns[3] == true, "a turn given back")
    #expect(await fleet.lease(0, lease())?.outage == again, "each lease tells of it as well")
    let open = try #require(await fleet.tell(2, step(.open, known: again.changedAt))?.outage)
    #expect(!open.isClosed && open.changedAt > again.changedAt)
    #expect(await fleet.tell(0, step(.probe, known: open.changedAt))?.isTurnGiven == false, "nothing to probe")
    let heard = await fleet.news(3).compactMap { if case .outage(let outage, _) = $0 { outage } else { nil } }
    #expect(heard == [closed, again, open])
    await fleet.stop()
  }

  @Test func anOutageThatWasForgottenIsToldAgain() async throws {
    let redis = try await PrivateRedis.start()
    let fleet = try await FleetDriver(redis.url, members: 2)
    let step = OutageStep(kind: .probe, known: .seconds(5), cause: "OCR_BACKEND_TIMEOUT,")
    let answer = try #require(await fleet.tell(0, step))
    #expect(answer.isTurnGiven && answer.outage?.failures == 1 && answer.outage?.code == .backendTimeout)
    await fleet.stop()
  }

  @Test func aCutIsToldToAll() async throws {
    let redis = try await PrivateRedis.start()
    let fleet = try await FleetDriver(redis.url, members: 2)
    let now = try #require(await fleet.lease(0, lease())).now
    var rate = AdaptiveRate(policy: RatePolicy(), now: now)
    let notice = ThrottleNotice(kind: .rate, limit: 30, window: .seconds(10), policy: "user")
    #expect(rate.refused(notice, callBegan: now, answered: 0, now: now) == .cut)
    let answer = try #require(await fleet.lease(0, lease(rate: rate)))
    #expect(answer.version == 1)
    #expect(await fleet.news(1) == [.rate(version: 1, numbers: rate.numbers)])
    await fleet.stop()
  }

  @Test func callsAtOnceAreSharedOut() async throws {
    let redis = try await PrivateRedis.start()
    let fleet = try await FleetDriver(redis.url, members: 3)
    @Sendable func ask(_ member: Int, held: Int, wanted: Int, isCut: Bool = false) async throws -> CallsAnswer {
      var request = lease()
      request.calls = CallsRequest(limit: 10, held: held, wanted: wanted, isCut: isCut)
      let answer = await fleet.lease(member, request)
      return try #require(answer?.calls)
    }
    let rows = try await fleet.playQuickly {
      try await redis.control("FLUSHALL")
      #expect(
        try await ask(0, held: 0, wanted: 9) == CallsAnswer(allotment: 0, limit: 10), "nobody knows yet who holds what")
      try await redis.control("HSET", "test:rate:{fleet}:calls", ".born", "1000000")
    } scene: { (fleet: isolated FleetDriver) async throws in
      var rows = [
        try await ask(0, held: 0, wanted: 9).allotment,
        try await ask(1, held: 0, wanted: 5).allotment,
        try await ask(0, held: 9, wanted: 9).allotment,
        try await ask(1, held: 1, wanted: 5).allotment,
        try await ask(0, held: 5, wanted: 9).allotment,
        try await ask(1, held: 1, wanted: 5).allotment,
      ]
      await fleet.leave(0)
      rows.append(try await ask(2, held: 0, wanted: 5).allotment)
      rows.append(try await ask(1, held: 5, wanted: 5, isCut: true).limit)
      rows.append(try await ask(2, held: 5, wanted: 5, isCut: true).limit)
      return rows
    }
    #expect(rows[0] == 9)
    #expect(rows[1] == 1, "what is free")
    #expect(rows[2] == 5, "more than an even part, and somebody has less")
    #expect(rows[3] == 1, "until calls end, they count")
    #expect(rows[4...5] == [5, 5])
    #expect(rows[6] == 5, "whoever leaves gives its part back")
    #expect(rows[7] == 5, "half of what was held")
    #expect(rows[8] == 5, "once for all refusals of a moment")
    #expect(await fleet.news(1) == [.calls(pause: .seconds(3))])
    await fleet.stop()
  }

  @Test func newsThatMakeNoSenseAreNone() {
    for text in ["", "rate", "rate,x,1", "outage,1,", "outage,1,1,1,1,NO_CODE,", "other,1,2", "rate,-1,2"] {
      #expect(FleetNews(Array(text.utf8)) == nil, "\(text)")
    }
    #expect(FleetNews([UInt8](repeating: 0x2c, count: 100_000)) == nil)
    #expect(FleetNews(Array("rate,7,1,2,x".utf8)) == .rate(version: 7, numbers: [1, 2]))
  }
}
