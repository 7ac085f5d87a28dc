/// The part of a ``FleetLedger`` that shares out the bound for calls at once.
struct CallsLedger: Sendable {
  /// What each member holds, or is still to give back.
  private var counted: [Int: Int] = [:]
  private var bound = 0
  /// The bound as far as refusals tell.
  private var most = 0
  private var cut: Duration?
  /// Answers in the whole fleet when `most` changed last.
  private var base: Int?
  private var isTried = false
  private var born: Duration?
  private var tidied: Duration?
  /// When somebody last had less than an even part while wanting more.
  private var short: Duration?
  private let isComplete: Bool

  init(isComplete: Bool) {
    self.isComplete = isComplete
  }

  mutating func take(
    _ request: CallsRequest, of member: Int, asking: Int, answered: Int, heard: (Int) -> Duration, now: Duration,
    _ news: inout [FleetNews]
  ) -> CallsAnswer {
    if bound != request.limit { (bound, most) = (request.limit, request.limit) }
    tidy(keeping: member, heard, now)
    let others = counted.reduce(0) { $1.key == member ? $0 : $0 + $1.value }
    adapt(isCut: request.isCut, sum: others + (counted[member] ?? 0), answered, now, &news)
    let even = max(1, most / asking)
    var target = max(0, min(request.wanted, most - others))
    if let short, short.distance(to: now) < .seconds(1) { target = min(target, even) }
    if target < min(request.wanted, even) { short = now }
    let born = born ?? now
    self.born = born
    if !isComplete, born.distance(to: now) < .milliseconds(1_500) { target = min(target, request.held) }
    counted[member] = max(target, request.held)
    return CallsAnswer(allotment: target, limit: most)
  }

  mutating func leave(_ member: Int) { counted[member] = nil }

  /// What members hold that are silent for ten seconds is free again.
  private mutating func tidy(keeping member: Int, _ heard: (Int) -> Duration, _ now: Duration) {
    let last = tidied ?? now
    tidied = last
    guard last.distance(to: now) > .seconds(1) else { return }
    tidied = now
    counted = counted.filter { $0.key == member || heard($0.key) >= now - .seconds(10) }
  }

  /// A refusal halves the bound, or takes back the one call more that was tried.
  private mutating func adapt(
    isCut: Bool, sum: Int, _ answered: Int, _ now: Duration, _ news: inout [FleetNews]
  ) {
    let base = base ?? answered
    self.base = base
    func isCutOlder(than age: Duration) -> Bool { cut.map { $0.distance(to: now) > age } ?? true }
    if isCut, isCutOlder(than: Self.pause) {
      most = max(1, isTried ? most - 1 : min(most, sum) / 2)
      (cut, self.base, isTried) = (now, answered, false)
      news.append(.calls(pause: Self.pause))
    } else if most < bound, sum >= most, isCutOlder(than: .seconds(10)), answered - base >= max(100, most) {
      (most, self.base, isTried) = (most + 1, answered, true)
    }
  }

  private static let pause = Duration.seconds(3)
}
