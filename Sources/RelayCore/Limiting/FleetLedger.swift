/// What the keeper of a fleet's timeline knows and decides, without I/O or clock: slots, the rate, members, calls at once,
/// outages.
///
/// For processes a script in Redis does this, by the same rules and to the same figures; they are explained there. This
/// ledger is for members that can share memory, such as the loops of one process.
///
/// Isolation: a value; whoever shares it puts a lock around it.
public struct FleetLedger: Sendable {
  /// What the fleet was told last about an outage.
  public internal(set) var outage: FleetOutage?

  /// Calls that failed one after the other.
  var row = 0
  /// Whose turn it is to probe, and for how long.
  var turn: (holder: Int, until: Duration)?

  private var version = 0
  private var numbers: [Int] = []
  private var answered = 0
  private var due: Duration?
  private var ramp = Duration.zero
  private var seen = Duration.zero
  private var members: [Int: Member] = [:]
  private var calls: CallsLedger

  private struct Member: Sendable {
    var heard: Duration
    /// When it last wanted more than others leave; nil when it does not any more.
    var wanted: Duration?
  }

  /// A ledger without entries. `isComplete` tells that no member can hold anything that the ledger does not know of; one
  /// that may have been lost hands out calls at once only when it has heard of everybody.
  public init(isComplete: Bool = false) {
    calls = CallsLedger(isComplete: isComplete)
  }

  /// Counts the member, agrees on the rate and hands out slots; also what to tell all members at once.
  public mutating func lease(
    _ request: LeaseRequest, of member: Int, now: Duration
  ) -> (answer: LeaseAnswer, news: [FleetNews]) {
    var news: [FleetNews] = []
    answered += request.answered
    row = request.answered == request.failed ? row + request.failed : 0
    let told = agree(request, now, &news)
    note(member, request, now)
    let (missing, wanting) = count(now)
    let asking = request.isSpare ? members.count : max(1, wanting)
    noteReturn(request, now)
    let slots = handOut(request, isRateKnown: told.isEmpty, asking: asking, missing: missing, now)
    let members = members
    let calls = request.calls.map {
      self.calls.take(
        $0, of: member, asking: asking, answered: answered, heard: { members[$0]?.heard ?? .zero }, now: now, &news)
    }
    let answer = LeaseAnswer(
      now: now, version: version, numbers: told, answered: answered, members: members.count, slots: slots,
      rampLeft: max(.zero, ramp - now), failedInARow: row, outage: outage, calls: calls)
    return (answer, news)
  }

  /// Removes a member; slots that nobody took since it got them are open again.
  public mutating func leave(_ member: Int, unused: SlotSupply.Run?) {
    members[member] = nil
    calls.leave(member)
    if turn?.holder == member { turn = nil }
    guard let unused, let due else { return }
    let end = unused.first + unused.interval * unused.count
    guard due.distance(to: end) < .microseconds(1) else { return }
    self.due = unused.first
  }

  // MARK: Steps

  /// Takes a new rate over whose author knew the one before; the rate, if the member does not know it.
  private mutating func agree(_ request: LeaseRequest, _ now: Duration, _ news: inout [FleetNews]) -> [Int] {
    if !request.change.isEmpty, version == request.known {
      version += 1
      numbers = request.change
      if request.pausedUntil > now { news.append(.rate(version: version, numbers: numbers)) }
      return []
    }
    return version > 0 && version != request.known ? numbers : []
  }

  private mutating func note(_ member: Int, _ request: LeaseRequest, _ now: Duration) {
    let needs = request.wanted > 0 || (request.calls?.wanted ?? 0) > 1
    members[member] = Member(heard: now, wanted: needs && !request.isSpare ? now : nil)
  }

  /// How many members may be cut off, and how many want more than others leave. Forgets those that are silent for long.
  private mutating func count(_ now: Duration) -> (missing: Int, wanting: Int) {
    var (missing, wanting, hasOld) = (0, 0, false)
    let (oldest, newest) = (now - .seconds(30), now + .seconds(1))
    let (silent, lately) = (now - Self.silence, now - .seconds(1))
    for index in members.values.indices {
      let member = members.values[index]
      guard member.heard > oldest, member.heard < newest else {
        hasOld = true
        continue
      }
      if member.heard < silent { missing += 1 }
      guard let wanted = member.wanted else { continue }
      if wanted > lately { wanting += 1 } else { members.values[index].wanted = nil }
    }
    if hasOld { members = members.filter { $0.value.heard > oldest && $0.value.heard < newest } }
    return (missing, wanting)
  }

  /// Everybody keeps to a share of its own for a while after the keeper was away.
  private mutating func noteReturn(_ request: LeaseRequest, _ now: Duration) {
    if request.isRecovering, ramp <= now, seen == .zero || now.distance(to: seen) > .seconds(3) {
      ramp = now + .seconds(5)
    }
    if ramp > now + .seconds(5) { ramp = .zero }
    seen = now
  }

  private mutating func handOut(
    _ request: LeaseRequest, isRateKnown: Bool, asking: Int, missing: Int, _ now: Duration
  ) -> SlotSupply.Run {
    let horizon = request.horizon
    var interval = request.interval
    if missing > 0 { interval = interval / (1 - 0.8 * Double(missing) / Double(members.count)) }
    var due = due ?? now
    if due - now > horizon + interval * 2 + .seconds(5) { due = now + interval }
    var start = max(due, now - request.tolerance, request.pausedUntil)
    if ramp > .zero { start = max(start, ramp + interval * members.count) }
    var count = 0
    if request.wanted > 0, isRateKnown, ramp <= now, start <= now + horizon {
      count = request.wanted
      if interval > .zero {
        let open = Int((now + horizon - start) / interval) + 1
        let fair = Int((horizon / interval / Double(asking)).rounded(.up))
        count = min(count, open, max(1, fair))
      }
      due = start + interval * count
    }
    self.due = due
    return SlotSupply.Run(first: start, interval: interval, count: count)
  }

  /// Who is silent for so long may be cut off, and soon keeps to a share of its own.
  private static let silence = Duration.seconds(2)
}

extension Duration {
  /// How far two times are apart, whichever is later.
  func distance(to other: Duration) -> Duration { self > other ? self - other : other - self }
}
