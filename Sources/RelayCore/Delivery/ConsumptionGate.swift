/// Whether messages are taken from the queue at all: pure decisions about failures that every request would suffer.
///
/// A failed credential or service closes the gate, so that messages wait in the queue instead of failing one by one.
/// A service that answers with an error now and then does not close it: only a row of such answers does, without a
/// useful one between them.
///
/// After a pause one message is let through as a probe; its success opens the gate, its failure doubles the pause.
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
  }

  /// Where the gate stands.
  public private(set) var state = State.open
  /// Why the gate is not open.
  public private(set) var failure: CallFailure?

  private let shortestPause: Duration
  private let longestPause: Duration
  private let patience: Int
  private var failures = 0
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
      guard failure.retry == .backoff, failure.backend.httpStatus != nil else { return true }
      failuresInARow += 1
      return failuresInARow >= patience || state != .open
    }
  }

  /// A call failed in a way that every other would.
  public mutating func close(_ failure: CallFailure, now: Duration) -> Effect {
    if case .closed = state { return .none }
    self.failure = failure
    let pause = min(shortestPause * (1 << min(failures, 16)), longestPause)
    failures += 1
    let until = now + max(pause, failure.demandedWait ?? .zero)
    state = .closed(until: until)
    return .stopConsuming(until: until)
  }

  /// The clock moved on.
  public mutating func tick(now: Duration) -> Effect {
    guard case .closed(let until) = state, now >= until else { return .none }
    state = .probing
    return .probe
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
    state = .open
    failures = 0
    failure = nil
    return .consume
  }
}
