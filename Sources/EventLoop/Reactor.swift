internal import CLinux
internal import Failpoints
internal import Glibc

/// File descriptors, timers and end-of-turn work of one event loop.
///
/// Isolation: not `Sendable`; it exists on its loop's thread only and is reached through ``EventLoop/reactor``.
/// Handlers run on that thread, one at a time, and must not block.
public final class Reactor {
  /// The time at which the current turn began; read once per turn because a clock read per event adds up.
  public private(set) var now = MonotonicInstant.now()

  private let epoll: Int32
  private var registrations: [Registration] = []
  private var events = [epoll_event](repeating: epoll_event(), count: 256)
  private var timers: [TimerSlot] = []
  private var freeTimers: [Int] = []
  private var timerQueue = TimerQueue()
  private var turnHandlers: [(id: Int, handler: () -> Void)] = []
  private var nextTurnHandler = 0

  /// One entry per descriptor number. The generation travels in the epoll data, so an event queued for a closed
  /// descriptor is never delivered to the next owner of its number.
  private struct Registration {
    var generation: UInt32 = 0
    var handler: ((IOEvents) -> Void)?
  }

  private struct TimerSlot {
    var generation: UInt32 = 0
    var deadline: MonotonicInstant?
    /// The deadline of the heap entry that will look at this slot, if one of the current generation exists.
    var queued: MonotonicInstant?
    var handler: (() -> Void)?
  }

  init() throws(EventLoopError) {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw EventLoopError(operation: "epoll_create1", errorNumber: errno) }
  }

  deinit {
    close(epoll)
  }

  // MARK: File descriptors

  /// Calls `handler` whenever `descriptor` is ready for `interest`, level-triggered, until it is deregistered.
  ///
  /// The reactor does not own the descriptor. Deregister it before closing it.
  public func register(
    _ descriptor: Int32, for interest: IOEvents, handler: @escaping (IOEvents) -> Void
  ) throws(EventLoopError) {
    precondition(descriptor >= 0, "Reactor.register: negative descriptor")
    let index = Int(descriptor)
    while registrations.count <= index { registrations.append(Registration()) }
    precondition(
      registrations[index].handler == nil, "Reactor.register: descriptor \(descriptor) is registered already")
    registrations[index].generation &+= 1
    try control(EPOLL_CTL_ADD, descriptor, interest)
    registrations[index].handler = handler
  }

  /// Changes what a registered descriptor waits for.
  public func modify(_ descriptor: Int32, interest: IOEvents) throws(EventLoopError) {
    try control(EPOLL_CTL_MOD, descriptor, interest)
  }

  /// Stops watching a descriptor; events of it that are already fetched are dropped. Unknown descriptors are ignored.
  public func deregister(_ descriptor: Int32) {
    guard descriptor >= 0, Int(descriptor) < registrations.count, registrations[Int(descriptor)].handler != nil else {
      return
    }
    registrations[Int(descriptor)].handler = nil
    var unused = epoll_event()
    epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &unused)
  }

  private func control(_ operation: Int32, _ descriptor: Int32, _ interest: IOEvents) throws(EventLoopError) {
    var event = epoll_event()
    event.events = interest.rawValue
    event.data.u64 = UInt64(registrations[Int(descriptor)].generation) << 32 | UInt64(UInt32(descriptor))
    guard epoll_ctl(epoll, operation, descriptor, &event) == 0 else {
      throw EventLoopError(operation: "epoll_ctl", errorNumber: errno)
    }
  }

  // MARK: Timers

  /// A timer that calls `handler` when it fires. It starts disarmed.
  public func makeTimer(_ handler: @escaping () -> Void) -> LoopTimer {
    let slot = freeTimers.popLast() ?? timers.count
    if slot == timers.count { timers.append(TimerSlot()) }
    timers[slot].handler = handler
    return LoopTimer(reactor: self, slot: slot)
  }

  /// Calls `handler` once after `delay`. For something that repeats or may be stopped, make a timer.
  public func schedule(after delay: Duration, _ handler: @escaping () -> Void) {
    var timer: LoopTimer?
    timer = makeTimer {
      timer?.invalidate()
      timer = nil
      handler()
    }
    timer?.arm(after: delay)
  }

  func arm(slot: Int, at deadline: MonotonicInstant?) {
    timers[slot].deadline = deadline
    guard let deadline else { return }
    // An entry that looks at the slot no later than needed is enough: it is moved when it comes up.
    if let queued = timers[slot].queued, queued <= deadline { return }
    timers[slot].generation &+= 1
    timers[slot].queued = deadline
    timerQueue.insert(.init(deadline: deadline, slot: slot, generation: timers[slot].generation))
  }

  func release(slot: Int) {
    timers[slot].generation &+= 1
    timers[slot].deadline = nil
    timers[slot].queued = nil
    timers[slot].handler = nil
    freeTimers.append(slot)
  }

  func fireTimers() {
    // Timers armed by a handler for "now" wait for the next turn, or the loop could starve its descriptors.
    let horizon = now
    var due: [Int] = []
    while let entry = timerQueue.earliest, entry.deadline <= horizon, let entry = timerQueue.removeEarliest() {
      guard entry.generation == timers[entry.slot].generation else { continue }
      timers[entry.slot].queued = nil
      guard let deadline = timers[entry.slot].deadline else { continue }
      if deadline <= horizon { due.append(entry.slot) } else { arm(slot: entry.slot, at: deadline) }
    }
    for slot in due {
      guard let deadline = timers[slot].deadline, deadline <= horizon else { continue }
      timers[slot].deadline = nil
      timers[slot].handler?()
    }
  }

  // MARK: Turns

  /// Calls `handler` at the end of each turn, before the loop waits: the place to send what a turn has gathered.
  public func addTurnHandler(_ handler: @escaping () -> Void) -> TurnHandlerID {
    nextTurnHandler += 1
    turnHandlers.append((nextTurnHandler, handler))
    return TurnHandlerID(value: nextTurnHandler)
  }

  /// Stops calling a turn handler.
  public func removeTurnHandler(_ id: TurnHandlerID) {
    turnHandlers.removeAll { $0.id == id.value }
  }

  /// Names a turn handler.
  public struct TurnHandlerID {
    let value: Int
  }

  func endTurn() {
    for entry in turnHandlers { entry.handler() }
    Failpoint.turnEnded()
  }

  /// Waits for events until the next timer is due, or not at all when `polling`, and runs their handlers.
  func wait(polling: Bool) {
    let count = epoll_wait(epoll, &events, Int32(events.count), polling ? 0 : millisecondsToNextTimer())
    now = MonotonicInstant.now()
    guard count > 0 else { return }
    for position in 0..<Int(count) {
      let data = events[position].data.u64
      let descriptor = Int(data & 0xFFFF_FFFF)
      // An earlier handler of this turn may have closed this descriptor, and a new one may have its number.
      guard registrations[descriptor].generation == UInt32(data >> 32) else { continue }
      registrations[descriptor].handler?(IOEvents(rawValue: events[position].events))
    }
  }

  private func millisecondsToNextTimer() -> Int32 {
    guard let earliest = timerQueue.earliest else { return -1 }
    let remaining = earliest.deadline.nanoseconds.subtractingReportingOverflow(MonotonicInstant.now().nanoseconds)
    guard !remaining.overflow, remaining.partialValue > 0 else { return 0 }
    // Rounded up: waking a fraction of a millisecond early would spin until the deadline.
    return Int32(clamping: (remaining.partialValue + 999_999) / 1_000_000)
  }
}
