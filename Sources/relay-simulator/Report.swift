internal import RelaySimulator

/// What happened in the runs, in a few lines.
struct Report {
  private let counts: RunCounts

  init(_ counts: RunCounts) {
    self.counts = counts
  }

  var text: String {
    """
    runs \(counts.runs), requests \(counts.requests), faults \(counts.faults), events \(counts.events)
    deliveries \(counts.deliveries), taken back by faults \(counts.disruptions), ends of relays \(counts.relayEnds)
    calls \(counts.calls), logins \(counts.logins) (at most \(counts.mostLogins) of one relay in 16 minutes), retries \(counts.retries)
    answers \(counts.answers), parked \(counts.parked), dead letters \(counts.deadLetters)
    poison ended by relays \(counts.toldPoison), by the broker \(counts.poisoned), innocents among both \
    \(counts.innocentsPoisoned)
    copies repeated after a lost confirm \(counts.repeatedCopies), requests ended again after a fault \
    \(counts.repeatedEnds), most returns of one request by relays \(counts.mostGivenBack), replaced \(counts.replaced)
    """
  }
}
