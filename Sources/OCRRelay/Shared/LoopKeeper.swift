internal import EventLoop
internal import RelayCore
internal import SharedState

/// One loop's way to the rate that all loops of the process share.
///
/// It answers at once, in the time of the loop's turn: the clock is the same for all of them.
///
/// Isolation: belongs to its loop.
final class LoopKeeper: RateKeeper {
  let isWithinProcess = true
  private let fleet: FleetMemory
  private let member: Int
  private let reactor: Reactor

  /// A new member of the fleet; `listener` hears of news on the thread of another loop.
  init(_ fleet: FleetMemory, reactor: Reactor, _ listener: @escaping @Sendable (FleetNews) -> Void) {
    self.fleet = fleet
    self.reactor = reactor
    member = fleet.join(listener)
  }

  func lease(_ request: LeaseRequest, _ completion: @escaping (LeaseAnswer?) -> Void) {
    completion(fleet.lease(request, of: member, now: now))
  }

  func tell(_ step: OutageStep, _ completion: @escaping (OutageAnswer?) -> Void) {
    completion(fleet.take(step, of: member, now: now))
  }

  func leave(_ unused: SlotSupply.Run?, _ completion: @escaping () -> Void) {
    fleet.leave(member, unused: unused)
    completion()
  }

  private var now: Duration { .nanoseconds(reactor.now.nanoseconds) }
}
