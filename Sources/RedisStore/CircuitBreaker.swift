/// Whether commands are worth sending: pure decisions.
///
/// Commands in a row without an answer in time open it; so does, at once, whatever says that no command can succeed.
/// Only a probe that was answered in time closes it.
struct CircuitBreaker: Equatable {
  enum State: Equatable {
    /// Commands are sent; so many in a row have failed.
    case closed(failures: Int)
    /// No command is sent, and no probe is under way.
    case open
    /// No command is sent; a probe is under way.
    case probing
  }

  private(set) var state = State.open
  let failuresToOpen: Int

  /// Open until a first probe shows that the server can be used.
  init(failuresToOpen: Int) {
    self.failuresToOpen = failuresToOpen
  }

  var isClosed: Bool {
    if case .closed = state { true } else { false }
  }

  /// A command was answered; what it was refused with on its own account counts as an answer.
  mutating func commandSucceeded() {
    if isClosed { state = .closed(failures: 0) }
  }

  /// A command had no answer in time. True when this opens the breaker.
  mutating func commandTimedOut() -> Bool {
    guard case .closed(let failures) = state else { return false }
    guard failures + 1 >= failuresToOpen else {
      state = .closed(failures: failures + 1)
      return false
    }
    state = .open
    return true
  }

  /// No command can succeed for now: no connection, or the server says so.
  mutating func becameUseless() {
    state = .open
  }

  /// The time for a probe has come. True when one is to be sent.
  mutating func probe() -> Bool {
    guard state == .open else { return false }
    state = .probing
    return true
  }

  /// The probe was answered in time. True when this closes the breaker; a probe from before a loss tells nothing.
  mutating func probeSucceeded() -> Bool {
    guard state == .probing else { return false }
    state = .closed(failures: 0)
    return true
  }

  /// The probe was not answered in time, or refused.
  mutating func probeFailed() {
    if state == .probing { state = .open }
  }
}
