/// Whether messages are taken from the queue at all: pure decisions about failures that every request would suffer.
///
/// A failed credential or service closes the gate, so that messages wait in the queue instead of failing one by one.
/// A service that answers with an error now and then does not close it: only a row of such answers does, without a
/// useful one between them.
///
/// After a pause one message is let through as a probe; its success opens the gate, its failure doubles the pause.
///
/// Processes that share a rate share an outage of the service as well, see ``FleetOutage``: they close together, take turns
/// with the probes, and open together. A failure that only one process sees, and every failure of a credential, closes
/// the gate of that one alone.
public struct ConsumptionGate: Sendable {
  /// Where the gate stands.
  public enum State: Sendable, Equatable {
    /// Messages are taken as they come.
    case open
    /// No message is taken before this time.
    case closed(until: Duration)
    /// One message at a time is taken, to see whether the failure is over.
    case probing
  }

  /// What a change of the gate asks for.
  public enum Effect: Sendable, Equatable {
    /// Nothing changes.
    case none
    /// Stop consuming; ask again at this time.
    case stopConsuming(until: Duration)
    /// Consume one message at a time.
    case probe
    /// Consume as configured.
    case consume
    /// Ask whether this process may make the next probe of the fleet, or go on with it; ask again in a second.
    case askForTurn
    /// Stay closed; ask again at this time.
    case wait(until: Duration)
  }

  /// Where the gate stands.
  public internal(set) var state = State.open
  /// Why the gate is not open.
  public internal(set) var failure: CallFailure?
  /// Whether the gate is closed for the whole fleet.
  public internal(set) var isFleetWide = false
  /// What the fleet was told last.
  public internal(set) var outage: FleetOutage?
  /// Failures in a row that are no isolated ones any more.
  public let patience: Int

  let shortestPause: Duration
  let longestPause: Duration
  var failures = 0
  /// The last failure that may be an isolated one.
  var suspect: CallFailure?
  private var failuresInARow = 0

  /// An open gate with bounds for its pauses.
  public init(shortestPause: Duration = .seconds(1), longestPause: Duration = .seconds(60), patience: Int = 5) {
    self.shortestPause = shortestPause
    self.longestPause = longestPause
    self.patience = patience
  }

  /// Whether a failed call means that every other would fail as well. Counts failures that may be isolated: those
  /// with which the service itself answered.
  public mutating func isShared(_ failure: CallFailure) -> Bool {
    switch failure.scope {
    case .message: return false
    case .credential: return true
    case .service:
      suspect = failure
      guard failure.retry == .backoff, failure.backend.httpStatus != nil else { return true }
      failuresInARow += 1
      return failuresInARow >= patience || state != .open
    }
  }

  /// A call failed in a way that every other would. A process alone waits up to half as long again, by `jitter` from 0 to
  /// 1, so that several do not probe together; `members` that take turns wait as long as one of them alone would, each.
  public mutating func close(
    _ failure: CallFailure, members: Int = 1, jitter: Double = 0, now: Duration
  ) -> Effect {
    if case .closed = state { return .none }
    self.failure = failure
    let pause = min(shortestPause * (1 << min(failures, 16)), longestPause)
    failures += 1
    let shared = isFleetWide ? max(pause / max(1, members), shortestPause) : pause * (1 + jitter / 2)
    let until = now + max(min(shared, longestPause), failure.demandedWait ?? .zero)
    state = .closed(until: until)
    return .stopConsuming(until: until)
  }

  /// The clock moved on.
  public mutating func tick(now: Duration) -> Effect {
    switch state {
    case .open: return .none
    case .closed(let until):
      guard now >= until else { return .none }
      guard !isFleetWide else { return .askForTurn }
      state = .probing
      return .probe
    case .probing: return isFleetWide ? .askForTurn : .none
    }
  }

  /// What made calls fail under the credential may be mended, so it is tried before its time.
  public mutating func credentialChanged() -> Effect {
    guard case .closed = state, failure?.scope == .credential else { return .none }
    state = .probing
    failures = 0
    return .probe
  }

  /// A call reached the service and was answered.
  public mutating func succeeded() -> Effect {
    failuresInARow = 0
    guard state == .probing else { return .none }
    open()
    return .consume
  }

  mutating func open() {
    state = .open
    isFleetWide = false
    failures = 0
    failure = nil
  }
}
