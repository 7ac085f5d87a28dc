/// Outages of the service: the fleet closes together, probes by turns and opens together.
extension FleetLedger {
  /// Takes what a member tells or asks; also what to tell all members at once.
  public mutating func take(
    _ step: OutageStep, of member: Int, now: Duration
  ) -> (answer: OutageAnswer, news: [FleetNews]) {
    if let turn, turn.until <= now { self.turn = nil }
    let before = outage
    var isTurnGiven = false
    switch step.kind {
    case .probe:
      // An outage that this ledger does not know was lost with the one before.
      if outage == nil { change(to: 1, pause: .zero, step, now) }
      isTurnGiven = mayProbe(member, now)
      if isTurnGiven { turn = (member, now + Self.turnLength) }
    case .close:
      if !isClosed || outage?.changedAt == step.known {
        change(to: (outage?.failures ?? 0) + 1, pause: step.pause, step, now)
      }
      endTurn(of: member)
    case .open:
      if isClosed { change(to: 0, pause: .zero, step, now) }
      endTurn(of: member)
    }
    let news = outage.map { $0 == before ? [] : [FleetNews.outage($0, now: now)] } ?? []
    return (OutageAnswer(now: now, isTurnGiven: isTurnGiven, outage: outage), news)
  }

  private var isClosed: Bool { outage?.isClosed ?? false }

  private func mayProbe(_ member: Int, _ now: Duration) -> Bool {
    guard let outage, outage.isClosed, turn.map({ $0.holder == member }) ?? true else { return false }
    return now >= outage.until || now < outage.changedAt - .seconds(1)
  }

  private mutating func endTurn(of member: Int) {
    if turn?.holder == member || !isClosed { turn = nil }
  }

  /// A change is named by its time, in whole microseconds, which never goes back.
  private mutating func change(to failures: Int, pause: Duration, _ step: OutageStep, _ now: Duration) {
    let time = now.wholeMicroseconds
    let last = outage?.changedAt.wholeMicroseconds
    let changed = last.map { max(time, $0 + 1) } ?? time
    let until = time + min(pause, .seconds(1 << 32)).wholeMicroseconds
    outage = FleetOutage(text: "\(changed),\(failures),\(until),\(step.cause)") ?? outage
    row = 0
  }

  /// A turn that is not prolonged is over.
  private static let turnLength = Duration.seconds(5)
}
