/// What a process asks the keeper of the fleet's timeline for. Times are those of the keeper's clock.
public struct LeaseRequest: Sendable, Equatable {
  /// Slots that could be used.
  public var wanted: Int
  /// Calls answered since the last request.
  public var answered: Int
  /// Time between two slots.
  public var interval: Duration
  /// How late a slot may be.
  public var tolerance: Duration
  /// How far ahead slots are wanted.
  public var horizon: Duration
  /// Whether they are for requests that get what others leave.
  public var isSpare: Bool
  /// No slot before this time.
  public var pausedUntil: Duration
  /// The version of the rate that the process follows.
  public var known: Int
  /// A new rate, which takes the place of the known one.
  public var change: [Int]
  /// Calls that failed since the last request in a way that may concern every call.
  public var failed: Int
  /// Calls at once, where the fleet shares their bound.
  public var calls: CallsRequest?
  /// Whether the process went on with a share of its own because the keeper could not be asked.
  public var isRecovering: Bool

  /// Makes a request; the defaults are those of a member that just shows that it is alive.
  public init(
    wanted: Int = 0, answered: Int = 0, interval: Duration, tolerance: Duration, horizon: Duration,
    isSpare: Bool = false, pausedUntil: Duration = .zero, known: Int = 0, change: [Int] = [], failed: Int = 0,
    calls: CallsRequest? = nil, isRecovering: Bool = false
  ) {
    self.wanted = wanted
    self.answered = answered
    self.interval = interval
    self.tolerance = tolerance
    self.horizon = horizon
    self.isSpare = isSpare
    self.pausedUntil = pausedUntil
    self.known = known
    self.change = change
    self.failed = failed
    self.calls = calls
    self.isRecovering = isRecovering
  }
}

/// What the keeper of the fleet's timeline answers.
public struct LeaseAnswer: Sendable, Equatable {
  /// The keeper's time.
  public var now: Duration
  /// The version of the rate that holds now; 0 when the keeper knows none.
  public var version: Int
  /// That rate, when it is not the one that the process knows.
  public var numbers: [Int]
  /// Calls answered in the whole fleet.
  public var answered: Int
  /// Processes in the fleet.
  public var members: Int
  /// The slots; with a count of 0, `first` is when the next one will be.
  public var slots: SlotSupply.Run
  /// How long everybody still keeps to a share of its own, after the keeper was away.
  public var rampLeft: Duration
  /// Calls of the whole fleet that failed in such a way one after the other, without any other answer between them.
  public var failedInARow: Int
  /// What the fleet was told last about an outage.
  public var outage: FleetOutage?
  /// Calls at once, where the fleet shares their bound.
  public var calls: CallsAnswer?

  /// Makes an answer.
  public init(
    now: Duration, version: Int, numbers: [Int], answered: Int, members: Int, slots: SlotSupply.Run, rampLeft: Duration,
    failedInARow: Int = 0, outage: FleetOutage? = nil, calls: CallsAnswer? = nil
  ) {
    self.now = now
    self.version = version
    self.numbers = numbers
    self.answered = answered
    self.members = members
    self.slots = slots
    self.rampLeft = rampLeft
    self.failedInARow = failedInARow
    self.outage = outage
    self.calls = calls
  }
}
