/// What happened in runs, so that it shows that something did.
public struct RunCounts: Sendable, Equatable {
  /// Runs.
  public internal(set) var runs = 0
  /// Requests that were published and confirmed.
  public internal(set) var requests = 0
  /// Events.
  public internal(set) var events = 0
  /// Deliveries to relays.
  public internal(set) var deliveries = 0
  /// Deliveries that a fault took back.
  public internal(set) var disruptions = 0
  /// Calls of the OCR service.
  public internal(set) var calls = 0
  /// Logins at IAM.
  public internal(set) var logins = 0
  /// Answers that reached their requester.
  public internal(set) var answers = 0
  /// Answers that were parked.
  public internal(set) var parked = 0
  /// Dead letters but for poison.
  public internal(set) var deadLetters = 0
  /// Requests that the broker gave up.
  public internal(set) var poisoned = 0
  /// Requests that relays ended as poison.
  public internal(set) var toldPoison = 0
  /// Those among both that had only been in work beside a message that kills relays.
  public internal(set) var innocentsPoisoned = 0
  /// Retries.
  public internal(set) var retries = 0
  /// Copies that were in their queue twice because a confirm was lost.
  public internal(set) var repeatedCopies = 0
  /// Second ends of requests that a fault hit in flight.
  public internal(set) var repeatedEnds = 0
  /// Faults.
  public internal(set) var faults = 0
  /// Ends of relays: killed, terminated, or out of time.
  public internal(set) var relayEnds = 0
  /// The most often that relays gave one request back.
  public internal(set) var mostGivenBack = 0
  /// Deliveries that relays replaced by a copy because they came back too often.
  public internal(set) var replaced = 0
  /// The most logins of one relay within 16 minutes.
  public internal(set) var mostLogins = 0

  /// Adds the counts of another run.
  public static func += (left: inout RunCounts, right: RunCounts) {
    left.runs += right.runs
    left.requests += right.requests
    left.events += right.events
    left.deliveries += right.deliveries
    left.disruptions += right.disruptions
    left.calls += right.calls
    left.logins += right.logins
    left.answers += right.answers
    left.parked += right.parked
    left.deadLetters += right.deadLetters
    left.poisoned += right.poisoned
    left.toldPoison += right.toldPoison
    left.innocentsPoisoned += right.innocentsPoisoned
    left.retries += right.retries
    left.repeatedCopies += right.repeatedCopies
    left.repeatedEnds += right.repeatedEnds
    left.faults += right.faults
    left.relayEnds += right.relayEnds
    left.replaced += right.replaced
    left.mostLogins = max(left.mostLogins, right.mostLogins)
    left.mostGivenBack = max(left.mostGivenBack, right.mostGivenBack)
  }
}
