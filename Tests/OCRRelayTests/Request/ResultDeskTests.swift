import Logging
import OCRContract
import RelayCore
import Testing

@testable import AMQP
@testable import EventLoop
@testable import OCRRelay

/// Who makes a call and who waits for it, with a store that answers when the test says so.
struct ResultDeskTests {
  private final class SlowStore: ResultStore {
    let largestBody = 1_000
    var searches: [(ResultKey, (StoredResult?) -> Void)] = []
    var kept: [(ResultKey, StoredResult, (StoredResult?) -> Void)] = []

    func find(_ key: ResultKey, _ completion: @escaping (StoredResult?) -> Void) {
      searches.append((key, completion))
    }

    func keep(_ key: ResultKey, _ result: StoredResult, _ completion: @escaping (StoredResult?) -> Void) {
      kept.append((key, result, completion))
    }

    /// Answers the oldest search.
    func answer(_ result: StoredResult?) { searches.removeFirst().1(result) }
  }

  private final class Log {
    var lines: [String] = []
  }

  private final class Requester: ResultRequester {
    let name: String
    let log: Log

    init(_ name: String, _ log: Log) {
      self.name = name
      self.log = log
    }

    func found(_ result: StoredResult?, for key: ResultKey) {
      log.lines.append("\(name) \(result == nil ? "calls" : "has it")")
    }

    func kept(_ own: StoredResult, earlier: StoredResult?) {
      log.lines.append("\(name) keeps \(earlier == nil ? "its own" : "the earlier one")")
    }
  }

  private static let key = ResultKey(high: 1, low: 2)
  private static let result = StoredResult(body: [1, 2], attempts: 1, milliseconds: 5)

  private let store = SlowStore()
  private let log = Log()

  private func ask(_ desk: ResultDesk, _ name: String, _ key: ResultKey = key) {
    desk.ask(key, for: Requester(name, log))
  }

  @Test func aStoredResultServesEverybody() {
    let desk = ResultDesk(store: store)
    for name in ["a", "b"] { ask(desk, name) }
    #expect(store.searches.count == 1, "asked once")
    store.answer(Self.result)
    #expect(log.lines == ["a has it", "b has it"])
    ask(desk, "c")
    #expect(store.searches.count == 1, "nothing is remembered outside of the store")
  }

  @Test func oneCallServesEverybody() {
    let desk = ResultDesk(store: store)
    ask(desk, "a")
    store.answer(nil)
    for name in ["b", "c"] { ask(desk, name) }
    #expect(log.lines == ["a calls"] && store.searches.isEmpty)
    desk.end(Self.key, Self.result)
    #expect(log.lines == ["a calls", "b has it", "c has it"])
  }

  @Test func afterAFailedCallTheNextOneMakesIt() {
    let desk = ResultDesk(store: store)
    ask(desk, "a")
    store.answer(nil)
    for name in ["b", "c"] { ask(desk, name) }
    desk.end(Self.key, nil)
    #expect(log.lines == ["a calls"] && store.searches.count == 1, "b asks the store again, c waits for b")
    store.answer(nil)
    #expect(log.lines == ["a calls", "b calls"])
    desk.end(Self.key, Self.result)
    #expect(log.lines == ["a calls", "b calls", "c has it"])
  }

  @Test func otherRequestsDoNotWait() {
    let desk = ResultDesk(store: store)
    ask(desk, "a")
    ask(desk, "b", ResultKey(high: 1, low: 3))
    store.answer(nil)
    store.answer(nil)
    #expect(log.lines == ["a calls", "b calls"])
  }

  @Test func theFirstResultCountsInEveryStore() {
    let memory = MemoryResultStore(maximumBytes: 1 << 20, lifetime: .seconds(9)) { .zero }
    for desk in [ResultDesk(store: store), ResultDesk(store: memory)] {
      log.lines = []
      ask(desk, "a")
      if !store.searches.isEmpty { store.answer(nil) }
      for (name, earlier) in [("a", nil), ("b", Self.result)] {
        desk.keep(Self.key, Self.result, for: Requester(name, log))
        if !store.kept.isEmpty { store.kept.removeFirst().2(earlier) }
      }
      desk.end(Self.key, Self.result)
      #expect(log.lines == ["a calls", "a keeps its own", "b keeps the earlier one"])
    }
  }

  // MARK: Keys

  static let changes: [@Sendable (inout SampleDelivery) -> Void] = [
    { _ in },
    { $0[.messageID] = "n" },
    { $0[.messageID] = nil },
    { $0[.userID] = "somebody" },
    { $0[.type] = "web-image" },
    { $0[.contentType] = "application/json; charset=utf-8" },
    { $0.body.insert(UInt8(ascii: " "), at: 0) },
    { $0.body = Array(#"{"image":"aGVsbG8=","detect_direction":true}"#.utf8) },
  ]

  private static func key(_ change: (inout SampleDelivery) -> Void) throws -> ResultKey {
    var sample = SampleDelivery()
    (sample[.messageID], sample[.contentType]) = ("m", "application/json")
    sample[.correlationID] = "\(Int.random(in: 0...1 << 40))"
    change(&sample)
    let delivery = sample.make()
    let request = IncomingRequest(reading: delivery, now: 0)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let parts = try RelayWorker.Parts(RelayConfiguration(), commons: nil, reactor: Reactor(), logger: logger)
    let validator = parts.pipeline.settings.validator
    let plan: RequestPlan = try delivery.withRequestView(options: request.options) { view in
      Result { try validator.plan(view, body: delivery.body.bytes) }
    }.get()
    return try #require(parts.pipeline.results).key(of: request, plan, delivery)
  }

  @Test func everythingThatTheResultDependsOnIsInTheKey() throws {
    let keys = try Self.changes.map { try Self.key($0) }
    #expect(Set(keys).count == keys.count)
    #expect(try keys == Self.changes.map { try Self.key($0) }, "the same request has the same key")
  }

  /// A retry has the same key as the first delivery, with and without an id of the publisher's own.
  @Test(arguments: ["m", nil])
  func aRetryHasTheKeyOfItsRequest(_ id: String?) throws {
    let first = try Self.key { $0[.messageID] = id }
    let retried = try Self.key { sample in
      sample[.messageID] = id
      let delivery = sample.make()
      let copies = CopyComposer(backendName: "huawei", queue: "ocr.requests")
      let message = copies.retry(
        delivery, IncomingRequest(reading: delivery, now: 0), pause: RetryPause(covering: .seconds(2)), attempts: 1,
        now: 0)
      sample = SampleDelivery(message)
    }
    #expect(first == retried)
  }
}
