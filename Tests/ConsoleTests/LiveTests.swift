import DeadLetters
import Testing

@testable import Console

struct LiveTests {
  private static let status = """
    {"ready":false,"gate":"closed","gate_reason":"OCR_QUOTA_EXHAUSTED","gate_advice":"Renew it.","gate_since_ms":5000,\
    "checks":{"broker":"ok","credential":"ok","backend":"failing"},"token_seconds_left":86000,"in_flight":3}
    """

  private func metrics(calls: Int, since: Int = 100) -> String {
    """
    # HELP ocr_relay_in_work_limit Requests in work at most.
    ocr_relay_in_work_limit 50
    ocr_relay_call_rate 12.5
    ocr_relay_call_seconds_count \(calls)
    ocr_relay_results_total \(calls)
    ocr_relay_call_pause_seconds NaN
    process_start_time_seconds \(since)
    """
  }

  private func reading(at: Int64, calls: Int, since: Int = 100) throws -> RelayReading {
    try #require(
      RelayReading(name: "r", at: at, status: Array(Self.status.utf8), metrics: metrics(calls: calls, since: since)))
  }

  @Test func aRelayIsRead() throws {
    let reading = try reading(at: 1, calls: 7)
    #expect(reading.gate == "closed")
    #expect(reading.gateReason == "OCR_QUOTA_EXHAUSTED")
    #expect(reading.gateSince == 5_000)
    #expect(reading.backend == "failing")
    #expect(reading.tokenSecondsLeft == 86_000)
    #expect(reading.inWork == 3)
    #expect(reading.inWorkLimit == 50)
    #expect(reading.callRate == 12.5)
    #expect(reading.pauseSeconds == 0)
    #expect(reading.counters.calls == 7)
  }

  @Test(arguments: ["", "null", "[]", "{}", #"{"ready":1}"#, "<html>"]) func otherServersAreNoRelays(_ status: String) {
    #expect(RelayReading(name: "r", at: 1, status: Array(status.utf8), metrics: "") == nil)
  }

  @Test func whateverAServerSaysIsRead() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<500 {
      let bytes = (0..<60).map { _ in UInt8.random(in: 0...255, using: &random) }
      _ = RelayReading(
        name: "r", at: 1, status: Array(Self.status.utf8), metrics: String(decoding: bytes, as: UTF8.self))
      var status = Array(Self.status.utf8)
      status[Int.random(in: 0..<status.count, using: &random)] = bytes[0]
      _ = RelayReading(name: "r", at: 1, status: status, metrics: metrics(calls: 1))
    }
  }

  @Test func speedsComeFromCounters() throws {
    var history = RelayHistory()
    history.add(try reading(at: 0, calls: 100))
    #expect(history.speed == nil)
    history.add(try reading(at: 10_000, calls: 150))
    #expect(history.speed?.calls == 5)
    // Later readings look back a minute at most.
    history.add(try reading(at: 80_000, calls: 1_000))
    #expect(history.speed == nil)
    history.add(try reading(at: 90_000, calls: 1_010))
    #expect(history.speed?.calls == 1)
  }

  @Test func aRestartBeginsAnew() throws {
    var history = RelayHistory()
    history.add(try reading(at: 0, calls: 100))
    history.add(try reading(at: 10_000, calls: 3, since: 200))
    #expect(history.speed == nil)
    history.missed(at: 20_000)
    history.missed(at: 30_000)
    #expect(history.silentSince == 20_000)
    history.add(try reading(at: 40_000, calls: 9, since: 200))
    #expect(history.silentSince == nil)
  }

  @Test func queuesThatSomebodyLooksThroughKeepTheirDepth() {
    var history = DepthHistory()
    let queues = ["ocr.requests", "ocr.dead.poison"]
    func depth(_ waiting: Int, _ consumers: Int) -> QueueDepth { QueueDepth(waiting: waiting, consumers: consumers) }
    history.add(["ocr.requests": depth(4, 2), "ocr.dead.poison": depth(9, 0)], at: 1_000, queues: queues)
    history.add(["ocr.requests": depth(5, 2), "ocr.dead.poison": depth(0, 1)], at: 2_000, queues: queues)
    #expect(history.last?.depths == ["ocr.requests": 5, "ocr.dead.poison": 9])
  }

  @Test func historyHasABound() {
    var history = DepthHistory()
    let step: Int64 = 10_000
    for number in 0..<20_000 {
      history.add(
        ["q": QueueDepth(waiting: number, consumers: 0)], at: Int64(number) * step, queues: ["q"])
    }
    let now = Int64(19_999) * step
    #expect(history.samples(.hour, now: now).count == 361)
    let day = history.samples(.day, now: now)
    #expect(day.count < 800)
    #expect(day.first.map { now - $0.at <= 86_400_000 && now - $0.at > 80_000_000 } == true)
    #expect(zip(day, day.dropFirst()).allSatisfy { $0.at < $1.at })
  }

  @Test func theWorstComesFirst() throws {
    var picture = LiveView.Picture()
    #expect(ServiceCondition(picture) == .unknown)
    picture.hasRelays = true
    var silent = RelayHistory()
    silent.missed(at: 1)
    picture.relays = [(name: "a", history: silent)]
    #expect(ServiceCondition(picture) == .silent)
    var held = RelayHistory()
    held.add(try reading(at: 1, calls: 1))
    picture.relays.append((name: "b", history: held))
    #expect(
      ServiceCondition(picture)
        == .heldBack(code: "OCR_QUOTA_EXHAUSTED", advice: "Renew it.", since: 5_000, isProbing: false))
    var well = RelayHistory()
    var reading = try reading(at: 1, calls: 1)
    reading.gate = "open"
    reading.isReady = true
    well.add(reading)
    picture.relays = [(name: "a", history: silent), (name: "b", history: well)]
    #expect(ServiceCondition(picture) == .impaired(ready: 1, all: 2))
    picture.relays = [(name: "b", history: well)]
    #expect(ServiceCondition(picture) == .well(1))
  }
}
