/// When spans are sent to a collector, and when they are given up: pure decisions, no I/O, no clock.
///
/// Spans wait as the bytes that are sent, in a bounded number; one request is under way at a time. What does not fit is
/// dropped and counted: nothing ever waits for a collector.
public struct SpanExport: Sendable {
  /// Bounds.
  public struct Limits: Sendable, Equatable {
    /// Spans in a request: few enough that writing one takes well under a millisecond.
    public var batch = 128
    /// Spans that wait for their request; more are dropped.
    public var waiting = 2_048
    /// How long a span waits for others.
    public var delay = Duration.seconds(1)
    /// Requests for the same spans.
    public var attempts = 5
    /// The pause after a failed request; doubles with each.
    public var pause = Duration.seconds(1)
    /// The longest pause, also when the collector asks for a longer one.
    public var longestPause = Duration.seconds(30)

    /// The bounds of a service.
    public init() {}
  }

  /// Spans of one request.
  public struct Batch: Sendable, Equatable {
    /// How many.
    public var count = 0
    /// Their texts with commas between.
    public var bytes: [UInt8] = []
  }

  /// What came of a request.
  public enum Answer: Sendable, Equatable {
    /// The collector has the spans but this many.
    case taken(rejected: Int)
    /// It may take them later, after this time if it said one.
    case tryAgain(after: Duration?)
    /// It never takes them.
    case refused
  }

  /// Where it stands. `idle` → `gathering` → `sending` → (`pausing` → `sending`) → `idle` or `gathering`; `over` at the
  /// end.
  public enum State: Sendable, Equatable {
    /// No spans wait.
    case idle
    /// The timer runs until enough wait for a request.
    case gathering
    /// A request is under way, for the so manieth time.
    case sending(attempt: Int)
    /// The timer runs until the same request is made again.
    case pausing(attempt: Int)
    /// Nothing is taken any more.
    case over
  }

  /// What to do next.
  public enum Action: Sendable, Equatable {
    /// Nothing until the next event.
    case none
    /// Let the timer fire after this time.
    case arm(Duration)
    /// Make a request with these spans.
    case send(Batch)
    /// All is done that can be done.
    case finish
  }

  /// Where it stands.
  public private(set) var state = State.idle
  /// Spans that the collector has.
  public private(set) var exported = 0
  /// Spans that were given up.
  public private(set) var dropped = 0
  /// Spans that wait for their request.
  public private(set) var waiting = 0

  private let limits: Limits
  private var batches: [Batch] = []
  private var underWay = Batch()
  private var isClosing = false

  /// Nothing is to send yet.
  public init(_ limits: Limits = Limits()) {
    self.limits = limits
  }

  // MARK: Events

  /// A span has ended; `write` is called for its text unless it is dropped.
  public mutating func recorded(_ write: () -> [UInt8]) -> Action {
    guard state != .over, waiting < limits.waiting else {
      dropped += 1
      return .none
    }
    keep(write())
    switch state {
    case .idle: return next()
    case .gathering: return waiting >= limits.batch ? send() : .none
    case .sending, .pausing, .over: return .none
    }
  }

  /// The timer fired. One that was armed for an earlier state means nothing.
  public mutating func timerFired() -> Action {
    switch state {
    case .gathering: return send()
    case .pausing(let attempt): return send(attempt: attempt + 1)
    case .idle, .sending, .over: return .none
    }
  }

  /// The request under way has ended. One that was given up before means nothing.
  public mutating func answered(_ answer: Answer) -> Action {
    guard case .sending(let attempt) = state else { return .none }
    switch answer {
    case .taken(let rejected):
      let lost = min(max(0, rejected), underWay.count)
      exported += underWay.count - lost
      dropped += lost
    case .tryAgain(let pause) where attempt < limits.attempts && !isClosing:
      state = .pausing(attempt: attempt)
      return .arm(min(limits.longestPause, max(pause ?? .zero, limits.pause * (1 << min(attempt - 1, 16)))))
    case .tryAgain, .refused: dropped += underWay.count
    }
    underWay = Batch()
    return next()
  }

  /// No more spans will come: those that wait are sent at once, each in one more request at most.
  public mutating func closing() -> Action {
    isClosing = true
    switch state {
    case .idle, .gathering: return next()
    case .pausing(let attempt): return send(attempt: attempt + 1)
    case .sending, .over: return .none
    }
  }

  /// The time for that is over: what is left is given up.
  public mutating func timeUp() -> Action {
    guard state != .over else { return .none }
    dropped += waiting + underWay.count
    (batches, waiting, underWay) = ([], 0, Batch())
    state = .over
    return .finish
  }

  // MARK: Batches

  private mutating func keep(_ text: [UInt8]) {
    if batches.last.map({ $0.count >= limits.batch }) ?? true { batches.append(Batch()) }
    let last = batches.count - 1
    if batches[last].count > 0 { batches[last].bytes.append(UInt8(ascii: ",")) }
    batches[last].bytes += text
    batches[last].count += 1
    waiting += 1
  }

  private mutating func next() -> Action {
    if waiting >= limits.batch || (isClosing && waiting > 0) { return send() }
    if isClosing {
      state = .over
      return .finish
    }
    state = waiting > 0 ? .gathering : .idle
    return waiting > 0 ? .arm(limits.delay) : .none
  }

  private mutating func send() -> Action {
    underWay = batches.removeFirst()
    waiting -= underWay.count
    return send(attempt: 1)
  }

  private mutating func send(attempt: Int) -> Action {
    state = .sending(attempt: attempt)
    return .send(underWay)
  }
}
