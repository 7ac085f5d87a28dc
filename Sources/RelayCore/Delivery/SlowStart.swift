/// How carefully a process begins to consume: pure decisions.
///
/// A message that kills the process takes with it what was delivered beside it, and each time costs all of them one of
/// the deliveries that the broker allows. So a process that starts takes one message at a time while what comes was
/// delivered and not finished again and again: only the deadly message uses up its deliveries.
public struct SlowStart: Sendable {
  /// How many messages may be taken at a time.
  public enum Pace: Sendable, Equatable {
    /// Nothing is known yet.
    case unknown
    /// One.
    case careful
    /// As many as are configured.
    case full
  }

  /// How many messages may be taken at a time.
  public private(set) var pace = Pace.unknown

  /// Earlier deliveries from which on a message is taken for one that others may have died of. An orderly end gives
  /// messages back as well, once.
  private static let suspiciousDeliveries: Int64 = 2

  /// A process that begins.
  public init() {}

  /// The process is about to consume from a queue in which this many messages wait.
  public mutating func begins(waiting: Int) {
    guard pace == .unknown else { return }
    pace = waiting == 0 ? .full : .careful
  }

  /// A message came. `earlierDeliveries` is what the broker counts, where it counts. True when the backlog is through:
  /// consume as configured from now on.
  public mutating func delivered(isRedelivered: Bool, earlierDeliveries: Int64?) -> Bool {
    guard pace == .careful else { return false }
    guard !isRedelivered || (earlierDeliveries ?? .max) < Self.suspiciousDeliveries else { return false }
    pace = .full
    return true
  }
}
