public import RelayCore
internal import Synchronization

/// The keeper of one rate for members that share memory: a ledger under a lock.
///
/// A lease of many calls takes a microsecond or two, and is asked for some tens of times a second and member, so members
/// hardly ever meet at the lock. It is free again before anybody is told news.
public final class FleetMemory: Sendable {
  private let state = Mutex(State())

  private struct State: Sendable {
    var ledger = FleetLedger(isComplete: true)
    var listeners: [Int: @Sendable (FleetNews) -> Void] = [:]
    var lastMember = 0
  }

  /// A fleet without members.
  public init() {}

  /// A new member. `listener` is called with what all others are to know at once, on the thread of whoever tells it.
  public func join(_ listener: @escaping @Sendable (FleetNews) -> Void) -> Int {
    state.withLock { state in
      state.lastMember += 1
      state.listeners[state.lastMember] = listener
      return state.lastMember
    }
  }

  /// Hands out slots. Times are those of a clock that all members share.
  public func lease(_ request: LeaseRequest, of member: Int, now: Duration) -> LeaseAnswer {
    let (answer, news) = state.withLock { $0.ledger.lease(request, of: member, now: now) }
    tell(news, by: member)
    return answer
  }

  /// Takes what a member tells or asks about an outage.
  public func take(_ step: OutageStep, of member: Int, now: Duration) -> OutageAnswer {
    let (answer, news) = state.withLock { $0.ledger.take(step, of: member, now: now) }
    tell(news, by: member)
    return answer
  }

  /// The member is told nothing more, and what it had left is free for others.
  public func leave(_ member: Int, unused: SlotSupply.Run?) {
    state.withLock { state in
      state.ledger.leave(member, unused: unused)
      state.listeners[member] = nil
    }
  }

  private func tell(_ news: [FleetNews], by member: Int) {
    guard !news.isEmpty else { return }
    let others = state.withLock { $0.listeners.filter { $0.key != member } }
    for listener in others.values {
      for item in news { listener(item) }
    }
  }
}
