public import OCRContract
public import Telemetry

/// What the relay has done since its start: plain numbers on the loop, added to in place.
///
/// To count something new, add a property here, add to it where it happens (`pipeline.counters.mine += 1`), and give it
/// a name and a sentence in ``RelayMetrics/families``; it is on `/metrics` and in the documentation then.
public struct RelayCounters: Sendable, Equatable {
  /// Deliveries taken from the work queue.
  public var deliveries = 0
  /// Results published and confirmed.
  public var results = 0
  /// Results among them that an earlier call had brought.
  public var reusedResults = 0
  /// Typed errors published and confirmed.
  public var errors = 0
  /// Requests published to a retry level and confirmed.
  public var retries = 0
  /// Requests moved to the overflow queue and confirmed.
  public var setAside = 0
  /// Dead copies published and confirmed.
  public var deadLetters = 0
  /// Answers parked because no queue took them.
  public var unroutable = 0
  /// Calls of the OCR service.
  public var calls = 0
  /// Calls among them that were refused for too many calls.
  public var throttled = 0
  /// Deliveries acknowledged.
  public var acknowledged = 0
  /// Deliveries whose connection was lost before they were settled.
  public var lost = 0
  /// Requests that were not called for because their direct reply-to address was gone.
  public var requestersGone = 0
  /// Copies that the broker refused and that were published again.
  public var refusedPublishes = 0
  /// Times that consuming stopped because every call would fail.
  public var gateClosings = 0
  /// Calls by API.
  public var callsByAPI: [String: Int] = [:]
  /// Calls that failed, also those that are made again, by code.
  public var callFailures: [ErrorCode: Int] = [:]
  /// Requests that ended with an error, by code.
  public var requestFailures: [ErrorCode: Int] = [:]
  /// Time of calls, waiting for a connection included.
  public var callTime = Histogram()
  /// Time of deliveries from their arrival to their acknowledgement.
  public var requestTime = Histogram()
}
