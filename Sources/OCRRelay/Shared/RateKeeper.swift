internal import RelayCore

/// Whoever keeps the timeline of a rate that several share: Redis for processes, memory for the loops of one.
///
/// Isolation: belongs to its member's loop. Completions are called once, on that loop, also before the function returns.
protocol RateKeeper: AnyObject {
  /// Whether only loops of this process share the rate.
  var isWithinProcess: Bool { get }

  /// Asks for slots; nil when the keeper does not answer.
  func lease(_ request: LeaseRequest, _ completion: @escaping (LeaseAnswer?) -> Void)

  /// Tells of an outage, or asks for a turn; nil when the keeper does not answer.
  func tell(_ step: OutageStep, _ completion: @escaping (OutageAnswer?) -> Void)

  /// Leaves, and gives the slots back that come last on the timeline.
  func leave(_ unused: SlotSupply.Run?, _ completion: @escaping () -> Void)
}

extension FleetKeeper: RateKeeper {
  var isWithinProcess: Bool { false }
}
