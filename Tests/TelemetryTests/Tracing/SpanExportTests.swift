import TestSupport
import Testing

@testable import Telemetry

struct SpanExportTests {
  private typealias Action = SpanExport.Action

  private static let limits: SpanExport.Limits = {
    var limits = SpanExport.Limits()
    (limits.batch, limits.waiting, limits.attempts) = (2, 4, 3)
    return limits
  }()

  private static func batch(_ names: String...) -> SpanExport.Batch {
    SpanExport.Batch(count: names.count, bytes: Array(names.joined(separator: ",").utf8))
  }

  /// Every state, by the events that lead to it.
  enum Place: CaseIterable {
    case idle, gathering, sending, pausing, over

    func make() -> SpanExport {
      var export = SpanExport(SpanExportTests.limits)
      switch self {
      case .idle: break
      case .gathering: _ = export.record("a")
      case .sending: (_, _) = (export.record("a"), export.record("b"))
      case .pausing:
        (_, _) = (export.record("a"), export.record("b"))
        _ = export.answered(.tryAgain(after: nil))
      case .over: _ = export.closing()
      }
      return export
    }
  }

  enum Event: CaseIterable {
    case recorded, timerFired, taken, partlyTaken, tryAgain, refused, closing, timeUp

    func apply(to export: inout SpanExport) -> SpanExport.Action {
      switch self {
      case .recorded: export.record("n")
      case .timerFired: export.timerFired()
      case .taken: export.answered(.taken(rejected: 0))
      case .partlyTaken: export.answered(.taken(rejected: 9))
      case .tryAgain: export.answered(.tryAgain(after: .seconds(7)))
      case .refused: export.answered(.refused)
      case .closing: export.closing()
      case .timeUp: export.timeUp()
      }
    }
  }

  /// What follows in each state, and the counts of exported and dropped spans then.
  private static func expected(_ place: Place, _ event: Event) -> (action: Action, exported: Int, dropped: Int) {
    switch (place, event) {
    case (.idle, .recorded): (.arm(.seconds(1)), 0, 0)
    case (.idle, .closing), (.idle, .timeUp): (.finish, 0, 0)
    case (.gathering, .recorded): (.send(batch("a", "n")), 0, 0)
    case (.gathering, .timerFired), (.gathering, .closing): (.send(batch("a")), 0, 0)
    case (.gathering, .timeUp): (.finish, 0, 1)
    case (.sending, .taken): (.none, 2, 0)
    case (.sending, .partlyTaken), (.sending, .refused): (.none, 0, 2)
    case (.sending, .tryAgain): (.arm(.seconds(7)), 0, 0)
    case (.pausing, .timerFired), (.pausing, .closing): (.send(batch("a", "b")), 0, 0)
    case (.sending, .timeUp), (.pausing, .timeUp): (.finish, 0, 2)
    case (.over, .recorded): (.none, 0, 1)
    case (.over, .closing): (.none, 0, 0)
    default: (.none, 0, 0)
    }
  }

  @Test(arguments: Place.allCases, Event.allCases)
  func everyEventInEveryState(_ place: Place, _ event: Event) {
    var export = place.make()
    let (action, exported, dropped) = Self.expected(place, event)
    #expect(event.apply(to: &export) == action)
    #expect(export.exported == exported && export.dropped == dropped)
  }

  @Test func pausesDoubleUntilTheSpansAreGivenUp() {
    var export = Place.sending.make()
    #expect(export.answered(.tryAgain(after: nil)) == .arm(.seconds(1)))
    #expect(export.timerFired() == .send(Self.batch("a", "b")))
    #expect(export.answered(.tryAgain(after: .seconds(3_600))) == .arm(Self.limits.longestPause))
    #expect(export.timerFired() == .send(Self.batch("a", "b")))
    #expect(export.answered(.tryAgain(after: nil)) == .none)
    #expect(export.state == .idle && export.dropped == 2)
  }

  @Test func whatDoesNotFitIsDroppedAndCountedWithoutBeingWritten() {
    var export = Place.sending.make()
    for name in ["c", "d", "e", "f"] { #expect(export.record(name) == .none) }
    var isWritten = false
    let action = export.recorded {
      isWritten = true
      return []
    }
    #expect(action == .none && !isWritten && export.dropped == 1)
    #expect(export.answered(.taken(rejected: 0)) == .send(Self.batch("c", "d")))
    #expect(export.answered(.taken(rejected: 1)) == .send(Self.batch("e", "f")))
    #expect(export.answered(.taken(rejected: 0)) == .none)
    #expect(export.exported == 5 && export.dropped == 2 && export.waiting == 0)
  }

  @Test func atTheEndEverythingIsTriedOnce() {
    var export = Place.sending.make()
    #expect(export.record("c") == .none)
    #expect(export.closing() == .none)
    #expect(export.answered(.tryAgain(after: nil)) == .send(Self.batch("c")))
    #expect(export.answered(.taken(rejected: 0)) == .finish)
    #expect(export.exported == 1 && export.dropped == 2 && export.state == .over)
  }

  /// However events fall, each span is exported, dropped, or still there, and one request is under way at most.
  @Test(arguments: 0..<50 as Range<UInt64>)
  func nothingIsLostOrCountedTwice(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var export = SpanExport(Self.limits)
    var recorded = 0
    var underWay = 0
    var isFinished = false
    for step in 0..<400 {
      let event: Event = step < 300 ? Event.allCases.dropLast(2).randomElement(using: &random) ?? .recorded : .closing
      let isAnswer = [.taken, .partlyTaken, .tryAgain, .refused].contains(event)
      if isAnswer, case .sending = export.state { underWay = 0 }
      if event == .recorded { recorded += 1 }
      let action = event.apply(to: &export)
      if case .send(let batch) = action {
        #expect(underWay == 0 && batch.count <= Self.limits.batch && batch.count > 0)
        underWay = batch.count
      }
      if action == .finish {
        #expect(!isFinished)
        isFinished = true
      }
      #expect(export.waiting <= Self.limits.waiting)
      if case .sending = export.state { underWay = max(underWay, 1) }
    }
    while case .sending = export.state { isFinished = Event.taken.apply(to: &export) == .finish || isFinished }
    #expect(isFinished && export.state == .over)
    #expect(export.exported + export.dropped == recorded)
  }
}

extension SpanExport {
  fileprivate mutating func record(_ name: String) -> Action { recorded { Array(name.utf8) } }
}
