import Foundation
import Testing

@testable import OCRSandbox

@Suite struct LimitTests {
  @Test(arguments: [
    ("30/10s", RateLimit(calls: 30, seconds: 10)), ("5/s", RateLimit(calls: 5, seconds: 1)),
    ("100/1m", RateLimit(calls: 100, seconds: 60)), ("fixed:2/2h", RateLimit(calls: 2, seconds: 7200, window: .fixed)),
  ])
  func limitsAreRead(text: String, limit: RateLimit) { #expect(RateLimit(text) == limit) }

  @Test(arguments: [
    "", "30", "0/s", "-1/s", "3/", "3/0s", "3/10", "x/10s", "3/10d", "3/10s/2", "rolling:3/s",
    "3/99999999999999999999s",
  ])
  func otherTextsAreNot(text: String) { #expect(RateLimit(text) == nil) }

  @Test func noSlidingWindowHoldsMoreThanTheLimit() {
    var gate = RateGate(RateLimit(calls: 5, seconds: 10))
    var dice = SeededDice(seed: 3)
    var now = 0.0
    var admitted: [Double] = []
    for _ in 0..<5000 {
      now += dice.roll() * 2
      if gate.admit(at: now) { admitted.append(now) }
    }
    for (index, time) in admitted.enumerated().dropFirst(5) { #expect(time - admitted[index - 5] >= 10) }
    #expect(admitted.count > 2000)
  }

  @Test func aFixedWindowStartsAnewAtItsBoundary() {
    var gate = RateGate(RateLimit(calls: 2, seconds: 10, window: .fixed))
    #expect(
      [108.0, 109, 109.5, 110, 110.1, 110.2, 119.9, 120].map { gate.admit(at: $0) } == [
        true, true, false, true, true, false, false, true,
      ])
  }

  @Test func aLimitFromTheStartRefusesAndCounts() async throws {
    let clock = ManualClock()
    try await withSandbox {
      $0.limit = RateLimit(calls: 3, seconds: 10)
      $0.now = { clock.now }
    } _: { client, _ in
      let token = try await client.token()
      var statuses: [Int] = []
      for _ in 0..<5 { statuses.append(try await client.ocr("general-text", Pictures.image, token: token).status) }
      #expect(statuses == [200, 200, 200, 429, 429])
      let refused = try await client.ocr("general-text", Pictures.image, token: token)
      #expect(refused.json["error_msg"]?.text?.contains("policy user over ratelimit,limit:3,time:10 second") == true)
      let summary = try await client.summary()
      #expect(summary["outcome"]?["throttled"] == 3)
      #expect(summary["code"]?["APIG.0308"] == 3)
      clock.advance(10)
      #expect(try await client.ocr("general-text", Pictures.image, token: token).status == 200)
    }
  }

  @Test func theLimitCanBeChangedUnderWay() async throws {
    try await withSandbox { client, _ in
      let token = try await client.token()
      let set = try await client.send("PUT", "/sandbox/limit", body: Data(#"{"limit":"fixed:1/24h"}"#.utf8))
      #expect(set.status == 200)
      #expect(try await client.ocr("general-text", Pictures.image, token: token).status == 200)
      #expect(try await client.ocr("general-text", Pictures.image, token: token).status == 429)
      #expect(try await client.send("DELETE", "/sandbox/limit").status == 200)
      #expect(try await client.ocr("general-text", Pictures.image, token: token).status == 200)
      let wrong = try await client.send("PUT", "/sandbox/limit", body: Data(#"{"limit":"many"}"#.utf8))
      #expect(wrong.status == 400)
    }
  }
}
