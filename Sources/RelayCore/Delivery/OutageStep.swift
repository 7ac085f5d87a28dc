/// What a process tells the keeper about an outage of the service, or asks.
public struct OutageStep: Sendable, Equatable {
  /// What it is.
  public enum Kind: String, Sendable, CaseIterable {
    /// Calls fail; no probe is made during the pause.
    case close
    /// May this process probe, or go on with it?
    case probe
    /// Calls succeed again.
    case open
  }

  /// What it is.
  public var kind: Kind
  /// How long no probe is made.
  public var pause: Duration
  /// The change that the process knows, zero for none.
  public var known: Duration
  /// The failure, as ``FleetOutage/cause(of:)`` writes it.
  public var cause: String

  /// Makes a step.
  public init(kind: Kind, pause: Duration = .zero, known: Duration, cause: String) {
    self.kind = kind
    self.pause = pause
    self.known = known
    self.cause = cause
  }
}

/// What the keeper answers.
public struct OutageAnswer: Sendable, Equatable {
  /// The keeper's time.
  public var now: Duration
  /// Whether the process may probe.
  public var isTurnGiven: Bool
  /// What the fleet knows; nil when nothing is known.
  public var outage: FleetOutage?

  /// Makes an answer.
  public init(now: Duration, isTurnGiven: Bool, outage: FleetOutage?) {
    self.now = now
    self.isTurnGiven = isTurnGiven
    self.outage = outage
  }
}
