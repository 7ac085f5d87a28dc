/// A promise that a run broke.
public struct Violation: Sendable, Equatable {
  /// The promises that are checked.
  public enum Promise: String, CaseIterable, Sendable {
    /// A confirmed request ends in an answer, a parked answer or a dead letter.
    case nothingLost = "nothing lost"
    /// Everything ends once the faults are over.
    case everythingEnds = "everything ends"
    /// A delivery is acknowledged only after its copies were confirmed.
    case ackAfterConfirm = "ack after confirm"
    /// An acknowledgement means the delivery that it names.
    case noStaleAck = "no stale ack"
    /// A request ends twice only after a fault that hit it in flight.
    case duplicatesExplained = "duplicates explained"
    /// No call is made twice but for the reasons that allow it.
    case callsOnce = "calls once"
    /// Attempts are counted exactly, whatever the publisher claims, and never exceed the maximum.
    case attemptsCounted = "attempts counted"
    /// No call is made after the deadline.
    case deadlineKept = "deadline kept"
    /// No call is made before the wait that a failure demanded is over.
    case waitKept = "wait kept"
    /// One login at a time, and never so many refused ones that the account is locked.
    case loginsBounded = "logins bounded"
    /// A failure that concerns everyone, or a throttle, ends no request.
    case onlyOwnFailuresEnd = "only own failures end a request"
    /// After a failure that concerns everyone a relay begins no call until it probes.
    case everyoneWaits = "everyone waits"
    /// A request is dead-lettered as poison only for what it did itself or what struck it.
    case innocentsSurvive = "innocents survive"
    /// Whoever sent a poisonous request is told, unless faults keep the relays from it.
    case poisonIsTold = "poison is told"
    /// An answer that is not taken is parked after a few times.
    case heldBriefly = "held briefly"
  }

  /// The run; the same seed gives the same run.
  public var seed: UInt64
  /// What was broken.
  public var promise: Promise
  /// What happened.
  public var detail: String
  /// When, in milliseconds of the run.
  public var time: Int
}

extension Violation: CustomStringConvertible {
  /// One line.
  public var description: String { "seed \(seed), at \(time) ms: \(promise.rawValue): \(detail)" }
}
