/// What the relay has done since its start.
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
  /// Dead copies published and confirmed.
  public var deadLetters = 0
  /// Answers parked because no queue took them.
  public var unroutable = 0
  /// Calls of the OCR service.
  public var calls = 0
  /// Deliveries acknowledged.
  public var acknowledged = 0
  /// Deliveries whose connection was lost before they were settled.
  public var lost = 0
  /// Copies that the broker refused and that were published again.
  public var refusedPublishes = 0
}
