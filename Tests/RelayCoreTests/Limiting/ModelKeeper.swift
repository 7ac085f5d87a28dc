import RelayCore

/// The keeper of a fleet's timeline as the script in Redis is, in simulated time.
struct ModelKeeper {
  /// How far its clock is from the clock of the simulation.
  var clockError = Duration.zero
  private var version = 0
  private var numbers: [Int] = []
  private var answered = 0
  private var due: Duration?
  private var ramp = Duration.zero
  private var seen = Duration.zero
  private var tidied = Duration.zero
  private var missing = 0
  private var members: [Int: Duration] = [:]
  private var wanting: [Int: Duration] = [:]
  private var calls = ModelCalls()

  /// Everything is lost.
  mutating func flush() {
    let error = clockError
    self = ModelKeeper()
    clockError = error
  }

  private mutating func tidy(_ now: Duration) {
    tidied = now
    members = members.filter { $0.value >= now - .seconds(30) && $0.value <= now + .seconds(1) }
    wanting = wanting.filter { $0.value >= now - .seconds(1) && $0.value <= now + .seconds(1) }
    missing = members.values.count { $0 < now - .seconds(2) }
  }

  mutating func lease(_ member: Int, _ request: LeaseRequest, at time: Duration) -> LeaseAnswer {
    let now = time + clockError
    answered += request.answered
    var told: [Int] = []
    if !request.change.isEmpty, version == request.known {
      version += 1
      numbers = request.change
    } else if version > 0, version != request.known {
      told = numbers
    }
    members[member] = now
    let needs = request.wanted > 0 || (request.calls?.wanted ?? 0) > 1
    wanting[member] = needs && !request.isSpare ? now : nil
    let horizon = request.horizon
    if abs((now - tidied) / .seconds(1)) > 0.1 { tidy(now) }
    if request.isRecovering, ramp <= now, seen == .zero || abs((now - seen) / .seconds(1)) > 3 {
      ramp = now + .seconds(5)
    }
    if ramp > now + .seconds(5) { ramp = .zero }
    var interval = request.interval
    if missing > 0 { interval = interval / (1 - 0.8 * Double(missing) / Double(members.count)) }
    var due = due ?? now
    if due - now > horizon + interval * 2 + .seconds(5) { due = now + interval }
    var start = max(due, now - request.tolerance, request.pausedUntil)
    if ramp > .zero { start = max(start, ramp + interval * members.count) }
    var count = 0
    if request.wanted > 0, told.isEmpty, ramp <= now, start <= now + horizon {
      let open = Int((now + horizon - start) / interval) + 1
      let fair = (horizon / interval / Double(max(1, request.isSpare ? members.count : wanting.count))).rounded(.up)
      count = min(request.wanted, open, max(1, Int(fair)))
      due = start + interval * count
    }
    self.due = due
    seen = now
    return LeaseAnswer(
      now: now, version: version, numbers: told, answered: answered, members: members.count,
      slots: .init(first: start, interval: interval, count: count), rampLeft: max(.zero, ramp - now),
      calls: request.calls.map {
        calls.take($0, of: member, asking: max(1, wanting.count), answered: answered, heard: members, now: now)
      })
  }
}
