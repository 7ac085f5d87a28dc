import RelayCore
import Testing

struct KeyLifecycleTests {
  private enum Event: String, CaseIterable {
    case need, needNewer, worked, endedOpen, refused, refusedForLong, blocked, changed
  }
  private enum Start: String, CaseIterable {
    case untested, testing, proven, refused
  }

  private static let first = TokenGeneration(number: 1)
  private static let now = Duration.seconds(10)

  private static func lifecycle(_ start: Start) -> KeyLifecycle {
    var lifecycle = KeyLifecycle()
    guard start != .untested else { return lifecycle }
    _ = lifecycle.need(newerThan: nil, now: .zero)
    if start == .proven { _ = lifecycle.worked(first) }
    if start == .refused { _ = lifecycle.wasRefused(first, minimumRest: nil, now: .zero) }
    return lifecycle
  }

  private static func apply(_ event: Event, _ lifecycle: inout KeyLifecycle) -> String {
    switch event {
    case .need: "\(lifecycle.need(newerThan: nil, now: now))"
    case .needNewer: "\(lifecycle.need(newerThan: first, now: now))"
    case .worked: "\(lifecycle.worked(first))"
    case .endedOpen: "\(lifecycle.endedOpen(first))"
    case .refused: "\(lifecycle.wasRefused(first, minimumRest: nil, now: now))"
    case .refusedForLong: "\(lifecycle.wasRefused(first, minimumRest: .seconds(900), now: now))"
    case .blocked:
      {
        lifecycle.trialWasBlocked(first, until: .seconds(20))
        return "blocked"
      }()
    case .changed:
      {
        lifecycle.keyChanged()
        return "changed"
      }()
    }
  }

  private static let testing = KeyLifecycle.State.testing(until: .seconds(90))
  private static let trial = KeyLifecycle.State.testing(until: .seconds(100))
  private static let resting = KeyLifecycle.State.refused(until: .seconds(60))
  private static let use = "\(KeyLifecycle.Answer.use(first))"
  private static let test = "\(KeyLifecycle.Answer.test(first))"
  private static let nothingNew = "\(KeyLifecycle.Answer.refuseUntil(.seconds(70)))"

  private static let table: [Start: [Event: (String, KeyLifecycle.State)]] = [
    .untested: [
      .need: (test, trial), .needNewer: (nothingNew, trial), .worked: ("false", .untested),
      .endedOpen: ("false", .untested), .refused: ("true", .refused(until: .seconds(70))),
      .refusedForLong: ("true", .refused(until: .seconds(910))), .blocked: ("blocked", .untested),
      .changed: ("changed", .untested),
    ],
    .testing: [
      .need: ("wait", testing), .needNewer: ("wait", testing), .worked: ("true", .proven),
      .endedOpen: ("true", .untested), .refused: ("true", .refused(until: .seconds(70))),
      .refusedForLong: ("true", .refused(until: .seconds(910))), .blocked: ("blocked", .refused(until: .seconds(20))),
      .changed: ("changed", .untested),
    ],
    .proven: [
      .need: (use, .proven), .needNewer: (nothingNew, .proven), .worked: ("false", .proven),
      .endedOpen: ("false", .proven), .refused: ("true", .refused(until: .seconds(70))),
      .refusedForLong: ("true", .refused(until: .seconds(910))), .blocked: ("blocked", .proven),
      .changed: ("changed", .untested),
    ],
    .refused: [
      .need: ("\(KeyLifecycle.Answer.refuseUntil(.seconds(60)))", resting),
      .needNewer: ("\(KeyLifecycle.Answer.refuseUntil(.seconds(60)))", resting), .worked: ("false", resting),
      .endedOpen: ("false", resting), .refused: ("false", resting), .refusedForLong: ("false", resting),
      .blocked: ("blocked", resting),
      .changed: ("changed", .untested),
    ],
  ]

  @Test(arguments: Start.allCases, Event.allCases)
  private func everyEventInEveryState(_ start: Start, _ event: Event) throws {
    var lifecycle = Self.lifecycle(start)
    let (result, state) = try #require(Self.table[start]?[event])
    #expect(Self.apply(event, &lifecycle) == result)
    #expect(lifecycle.state == state)
  }

  @Test func oneCallTriesAKeyAtATime() {
    var lifecycle = KeyLifecycle()
    #expect(lifecycle.need(newerThan: nil, now: .zero) == .test(Self.first))
    #expect(lifecycle.need(newerThan: nil, now: .seconds(89)) == .wait)
    #expect(lifecycle.need(newerThan: nil, now: .seconds(90)) == .test(Self.first), "nothing was heard of the first")
    #expect(lifecycle.worked(Self.first) == true)
    #expect(lifecycle.need(newerThan: nil, now: .seconds(91)) == .use(Self.first))
  }

  @Test func restsGrowUntilAKeyWorksOrChanges() {
    var lifecycle = KeyLifecycle()
    var now = Duration.zero
    var rests: [Duration] = []
    for _ in 0..<5 {
      guard case .test(let generation) = lifecycle.need(newerThan: nil, now: now) else { break }
      #expect(lifecycle.wasRefused(generation, minimumRest: nil, now: now) == true)
      guard case .refused(let until) = lifecycle.state else { break }
      rests.append(until - now)
      now = until
    }
    #expect(rests == [60, 120, 240, 330, 330].map { .seconds($0) })
    lifecycle.keyChanged()
    guard case .test(let changed) = lifecycle.need(newerThan: Self.first, now: .zero) else {
      return #expect(Bool(false), "another key is tried at once")
    }
    #expect(lifecycle.wasRefused(changed, minimumRest: nil, now: .zero) == true)
    #expect(lifecycle.state == .refused(until: .seconds(60)))
  }

  @Test func aKeyUnderFireIsNeverTriedBySixCallsInARow() {
    let seed = CheckRandom.seed("KeyLifecycle")
    var random = CheckRandom(seed: seed)
    for _ in 0..<100 {
      var lifecycle = KeyLifecycle()
      var now = Duration.zero
      var underWay: [TokenGeneration] = []
      var failures: [Duration] = []
      for _ in 0..<500 {
        now += .milliseconds(Int.random(in: 0...5_000, using: &random))
        if case .test(let generation) = lifecycle.need(newerThan: nil, now: now) { underWay.append(generation) }
        if Bool.random(using: &random), let generation = underWay.popLast() {
          failures.append(now)
          _ = lifecycle.wasRefused(generation, minimumRest: nil, now: now)
        }
      }
      for start in failures {
        let within = failures.count { $0 >= start && $0 < start + .seconds(300) }
        #expect(within <= 5, "seed \(seed)")
      }
    }
  }
}
