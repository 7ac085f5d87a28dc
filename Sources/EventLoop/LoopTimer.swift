/// A timer of one reactor that can be armed again and again without allocating.
///
/// Isolation: belongs to its reactor's loop, like the reactor itself. The timer stops when it is disarmed or when its
/// owner lets go of it and calls `invalidate()`.
public final class LoopTimer {
  private unowned let reactor: Reactor
  private let slot: Int

  init(reactor: Reactor, slot: Int) {
    self.reactor = reactor
    self.slot = slot
  }

  /// Fires once at `deadline`, replacing any earlier arming. A deadline in the past fires in the next turn.
  public func arm(at deadline: MonotonicInstant) {
    reactor.arm(slot: slot, at: deadline)
  }

  /// Fires once after `delay`, replacing any earlier arming.
  public func arm(after delay: Duration) {
    reactor.arm(slot: slot, at: reactor.now + delay)
  }

  /// Stops a pending firing; nothing happens when none is pending.
  public func disarm() {
    reactor.arm(slot: slot, at: nil)
  }

  /// Gives the timer back to the reactor and releases its handler. The timer must not be used afterwards.
  public func invalidate() {
    reactor.release(slot: slot)
  }
}
