public import RelayCore

/// What a running relay looks like at one moment; for health checks, metrics and tests.
public struct RelayStatus: Sendable, Equatable {
  /// Event loops of the process.
  public var loops = 1
  /// Those among them that take requests, call and answer.
  public var readyLoops = 0
  /// Whether the broker delivers requests to this process, to each of its loops.
  public var isConsuming = false
  /// Whether answers can be published.
  public var canPublish = false
  /// Whether the connection for requests stands.
  public var isConsumeLinkOpen = false
  /// Whether the connection for answers stands.
  public var isPublishLinkOpen = false
  /// Whether the broker takes no messages at the moment, for lack of memory or disk.
  public var isBlocked = false
  /// Connections for requests begun so far.
  public var consumeConnections = 0
  /// Connections for answers begun so far.
  public var publishConnections = 0
  /// Seconds until the token ends; nil without one.
  public var tokenSecondsLeft: Int64?
  /// Whether requests are taken without restraint.
  public var isGateOpen = true
  /// Whether one request at a time is let through, to see whether the failure is over.
  public var isGateProbing = false
  /// The code of the failure that keeps requests in the queue.
  public var gateReason: String?
  /// Who suffers from that failure.
  public var gateScope: FailureScope?
  /// What to do about it, in one line.
  public var gateAdvice: String?
  /// Since when requests wait, in milliseconds since 1970.
  public var gateClosedAt: Int64?
  /// Requests in work.
  public var inFlight = 0
  /// Requests in work at most.
  public var prefetch = 0
  /// Seconds since the oldest request in work arrived; nil when there is none.
  public var oldestSeconds: Double?
  /// Requests in work that wait until answers can be published.
  public var waitingForPublisher = 0
  /// Published messages that the broker has not settled yet.
  public var unsettledPublishes = 0
  /// Calls under way, those that wait for a connection included.
  public var activeCalls = 0
  /// Requests that wait for a permit.
  public var waitingForPermit = 0
  /// Calls per second that the limits allow.
  public var callsPerSecond = 0.0
  /// Seconds until calls may be made again; 0 without a pause.
  public var pauseSeconds = 0.0
  /// Bytes of message bodies in memory.
  public var bytesInWork = 0
  /// Bytes of message bodies before no more is read from the broker.
  public var bytesInWorkLimit = 0
  /// Lines of the log that nobody took.
  public var droppedLogLines = 0
  /// Spans that the collector has.
  public var exportedSpans = 0
  /// Spans that were given up because the collector did not take them.
  public var droppedSpans = 0
  /// What was done so far.
  public var counters = RelayCounters()
  /// What became of tokens and keys so far.
  public var credentials = CredentialCounters()
}
