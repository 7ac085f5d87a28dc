/// How processes share one rate.
public struct FleetPolicy: Sendable, Equatable {
  /// Processes that may be there, as long as nobody has counted them.
  public var maximumMembers: Int
  /// The part of the rate that all processes use together while each keeps to its own share.
  public var localShare: Double
  /// How far ahead slots are leased.
  public var horizon: Duration
  /// How often a process shows that it is alive.
  public var heartbeat: Duration
  /// How long the keeper may be silent before a process goes on with its own share.
  public var patience: Duration

  /// A policy.
  public init(
    maximumMembers: Int = 10, localShare: Double = 0.8, horizon: Duration = .milliseconds(100),
    heartbeat: Duration = .seconds(1), patience: Duration = .milliseconds(2_500)
  ) {
    self.maximumMembers = max(1, maximumMembers)
    self.localShare = localShare
    self.horizon = horizon
    self.heartbeat = heartbeat
    self.patience = patience
  }
}
