/// Decides when each call may be made: rate, calls at once, fairness and pauses of one account, without I/O or clock.
///
/// Every call needs a permit, a repeated one as well. A request that gets none at once waits under a ticket; ``next(now:)``
/// serves the waiting ones. Asking costs no allocation while nobody waits. All requests of a backend, credential and region
/// share one limiter; an API that the service limits on its own has a rate beside the common one.
///
/// Isolation: a value; its owner keeps it on one thread.
public struct CallLimiter: Sendable {
  /// What came of asking for a permit.
  public enum Entry: Sendable, Equatable {
    /// The call may be made now.
    case granted(CallPermit)
    /// The request waits; ``CallLimiter/next(now:)`` returns the ticket.
    case waiting(WaitingTicket)
    /// Too many wait already.
    case full
  }

  /// What happened to a request that waits.
  public enum Step: Sendable, Equatable {
    /// Its call may be made now.
    case granted(WaitingTicket, CallPermit)
    /// It has waited for as long as it may.
    case expired(WaitingTicket)
  }

  /// What became of a refusal.
  public enum Refusal: Sendable, Equatable {
    /// The common rate changed.
    case rate(AdaptiveRate.Verdict)
    /// The rate of one API changed.
    case apiRate(AdaptiveRate.Verdict)
    /// The bound for calls at once was cut, or was cut before.
    case concurrency(isCut: Bool)
  }

  /// The common rate.
  public internal(set) var rate: AdaptiveRate
  /// Calls at once.
  public internal(set) var concurrency: AdaptiveConcurrency
  /// Calls that were answered without a refusal for too many calls, over all processes that share the rate.
  public internal(set) var answered = 0
  /// Permits given.
  public private(set) var permits = 0
  /// Refusals for too many calls.
  public private(set) var refusals = 0

  /// Whether a single call is to show that calls succeed again: the others wait for what comes of it.
  public var isProbing = false

  /// Permits while slots are not leased, and leased slots. Fields of their own, as they change in place with each permit.
  var own: PacedSupply
  var slots = SlotSupply()
  /// Whether permits are leased slots.
  var isSupplied = false
  /// What to add to the local time for the time of the clock that the fleet shares.
  var clockOffset = Duration.zero
  /// What is known of the processes that share the rate; nil without them.
  var fleet: FleetState?
  @usableFromInline var queue: FairQueue
  /// The lane that gets what the others leave; nil when there is none.
  public let spareLane: Int?
  private var apiRates: [String: APIRate] = [:]
  private let capacity: Int
  private var weights: [String: Int]

  private struct APIRate: Sendable {
    var rate: AdaptiveRate
    var supply: PacedSupply
    var answered = 0
  }

  /// A limiter of one process; at most `capacity` requests wait. Publishers that are not in `weights` weigh 1. `lanes` are
  /// the weights of lanes that requests come in; with `hasSpareLane` one more follows, which gets what they leave, and one
  /// permit in twenty when they leave nothing.
  public init(
    policy: RatePolicy, concurrency: AdaptiveConcurrency = AdaptiveConcurrency(), capacity: Int = 65_536,
    weights: [String: Int] = [:], lanes: [Int] = [1], hasSpareLane: Bool = false, now: Duration = .zero
  ) {
    queue = FairQueue(lanes: hasSpareLane ? lanes.map { $0 * Self.turnsForSpareTurn } + [1] : lanes)
    spareLane = hasSpareLane ? lanes.count : nil
    rate = AdaptiveRate(policy: policy, now: now)
    self.concurrency = concurrency
    self.capacity = capacity
    self.weights = weights
    own = PacedSupply(pace: rate.pace, now: now)
  }

  /// Goes on with other settings. What was learnt from refusals is kept; whoever waits keeps its place.
  public mutating func follow(
    _ policy: RatePolicy, maximumConcurrency: Int, weights: [String: Int], now: Duration
  ) {
    rate.follow(policy)
    for api in apiRates.keys { apiRates[api]?.rate.follow(policy) }
    concurrency.follow(maximum: maximumConcurrency)
    if concurrency.allotment == nil { holdCallsAlone() }
    self.weights = weights
    dropSlots()
    if !isSupplied {
      own.pace = ownPace
      own.hasten(now: now)
    }
    followRate(now: now)
  }

  /// No call begins before this time.
  public var pausedUntil: Duration { max(rate.pausedUntil - clockOffset, concurrency.pausedUntil) }

  /// How long no call may begin; nil when there is no pause. It changes nothing: `mutating` spares the owner a copy.
  public mutating func pause(now: Duration) -> Duration? {
    let left = pausedUntil - now
    return left > .zero ? left : nil
  }

  /// Requests that wait. Inlinable: who asks needs no copy of the limiter.
  @inlinable public var waiting: Int { queue.count }

  /// Requests that wait and are not content with what others leave.
  var urgent: Int { spareLane.map { queue.count - queue.count(inLane: $0) } ?? queue.count }

  /// Publishers whose requests wait.
  public var waitingPublishers: Int { queue.publishers }

  /// How many requests of a publisher wait in a lane.
  public func waiting(of publisher: String, inLane lane: Int) -> Int { queue.count(of: publisher, inLane: lane) }

  private static let turnsForSpareTurn = 19

  // MARK: Requests

  /// Asks for a permit. `deadline` ends the wait; `atFront` is for a request whose call was refused: it was served before.
  public mutating func enter(
    publisher: String, api: String, lane: Int = 0, deadline: Duration, atFront: Bool = false, now: Duration
  ) -> Entry {
    if queue.count == 0, isOpen(api, now: now), take(now: now) {
      return .granted(permit(for: api, now: now))
    }
    guard queue.count < capacity else { return .full }
    let ticket = queue.append(
      publisher: publisher, weight: weights[publisher] ?? 1, lane: lane, api: api, deadline: deadline, atFront: atFront)
    if lane != spareLane { fleet?.hasNeed(now: now) }
    return .waiting(ticket)
  }

  /// Lets all waiting requests of a publisher wait in another lane.
  public mutating func move(_ publisher: String, from lane: Int, to other: Int) {
    queue.move(publisher, from: lane, to: other)
  }

  /// The request does not wait any more. False when it was served or has expired.
  @discardableResult
  public mutating func leave(_ ticket: WaitingTicket) -> Bool { queue.remove(ticket) }

  /// The next thing that happens to a waiting request; nil when nothing does before ``nextWake(now:)``.
  public mutating func next(now: Duration) -> Step? {
    if let ticket = queue.popExpired(now: now) { return .expired(ticket) }
    guard queue.count > 0, isAvailable(now: now), let (ticket, api) = pop(now: now) else { return nil }
    guard take(now: now) else { preconditionFailure("CallLimiter: an available permit cannot be taken") }
    return .granted(ticket, permit(for: api, now: now))
  }

  /// When ``next(now:)`` is to be asked again, if nothing else happens before; nil for never.
  public func nextWake(now: Duration) -> Duration? {
    guard queue.count > 0 else { return nil }
    var wake = queue.earliestDeadline
    if concurrency.inFlight < (isProbing ? 1 : concurrency.bound), var opening = earliestPermit {
      opening = max(opening, concurrency.pausedUntil, rate.pausedUntil - clockOffset)
      if opening <= now { opening = apiRates.values.map(\.supply.earliest).filter { $0 > now }.min() ?? opening }
      wake = min(wake ?? opening, opening)
    }
    return wake
  }

  // MARK: Calls

  /// A call ended with an answer or a failure other than a refusal for too many calls.
  public mutating func ended(_ permit: CallPermit, now: Duration) {
    answered += 1
    fleet?.unreported += 1
    concurrency.ended(now: now)
    if !apiRates.isEmpty { apiRates[permit.api]?.answered += 1 }
    advance(now: now)
  }

  /// A call was refused for too many calls.
  public mutating func refused(_ permit: CallPermit, _ notice: ThrottleNotice, now: Duration) -> Refusal {
    refusals += 1
    if notice.kind == .concurrency {
      let isCut = concurrency.refused(callBegan: permit.began, retryAfter: notice.retryAfter, now: now)
      if isCut, concurrency.allotment != nil {
        fleet?.isCallsCut = true
        fleet?.hasNews = true
      }
      return .concurrency(isCut: isCut)
    }
    concurrency.ended(now: now)
    if notice.policy == "api" { return refused(api: permit.api, permit, notice, now: now) }
    let verdict = rate.refused(
      notice, callBegan: permit.began + clockOffset, answered: answered, now: now + clockOffset)
    fleet?.note(notice, callBegan: permit.began)
    dropSlots()
    followRate(now: now)
    return .rate(verdict)
  }

  /// The permit was not used: its call was never made. The slot on the timeline is lost.
  public mutating func abandoned(_ permit: CallPermit, now: Duration) {
    concurrency.ended(now: now)
  }

  /// Lets the rates grow.
  mutating func advance(now: Duration) {
    let isWanted = queue.count > 0
    if !apiRates.isEmpty {
      for api in apiRates.keys { advance(api: api, isWanted: isWanted, now: now) }
    }
    if rate.advance(answered: answered, isWanted: isWanted, now: now + clockOffset) { followRate(now: now) }
  }

  // MARK: Supply

  /// Gives the permits the pace of the rate, and its pause.
  mutating func followRate(now: Duration) {
    guard !isSupplied else { return }
    own.pace = ownPace
    own.hold(until: rate.pausedUntil - clockOffset)
  }

  /// The pace of permits that are not leased: that of the rate, or of this process's share of it.
  var ownPace: Pace {
    guard let fleet else { return rate.pace }
    return Pace(interval: rate.pace.interval / fleet.share, tolerance: rate.pace.tolerance)
  }

  private var earliestPermit: Duration? { isSupplied ? slots.earliest : own.earliest }

  private func mayBegin(now: Duration) -> Bool {
    concurrency.allows(now: now) && (!isProbing || concurrency.inFlight == 0) && now + clockOffset >= rate.pausedUntil
  }

  private mutating func isAvailable(now: Duration) -> Bool {
    if isSupplied { slots.dropLate(now: now) }
    guard mayBegin(now: now), let earliest = earliestPermit else { return false }
    return earliest <= now
  }

  private mutating func take(now: Duration) -> Bool {
    guard mayBegin(now: now) else { return false }
    return isSupplied ? slots.take(now: now) : own.take(now: now)
  }

  private mutating func permit(for api: String, now: Duration) -> CallPermit {
    permits += 1
    fleet?.used += 1
    concurrency.began()
    if !apiRates.isEmpty { _ = apiRates[api]?.supply.take(now: now) }
    return CallPermit(began: now, api: api)
  }

  // MARK: APIs with a rate of their own

  private func isOpen(_ api: String, now: Duration) -> Bool {
    guard !apiRates.isEmpty, let own = apiRates[api] else { return true }
    return own.supply.earliest <= now
  }

  private mutating func pop(now: Duration) -> (ticket: WaitingTicket, api: String)? {
    let rates = apiRates
    return queue.popFirst { api in rates.isEmpty || rates[api].map { $0.supply.earliest <= now } ?? true }
  }

  private mutating func refused(
    api: String, _ permit: CallPermit, _ notice: ThrottleNotice, now: Duration
  ) -> Refusal {
    var own = apiRates[api] ?? makeRate(now: now)
    let verdict = own.rate.refused(notice, callBegan: permit.began, answered: own.answered, now: now)
    own.supply.pace = own.rate.pace
    own.supply.hold(until: own.rate.pausedUntil)
    apiRates[api] = own
    return .apiRate(verdict)
  }

  private func makeRate(now: Duration) -> APIRate {
    let rate = AdaptiveRate(policy: self.rate.policy, now: .zero)
    return APIRate(rate: rate, supply: PacedSupply(pace: rate.pace, now: now))
  }

  private mutating func advance(api: String, isWanted: Bool, now: Duration) {
    guard var own = apiRates[api] else { return }
    guard own.rate.advance(answered: own.answered, isWanted: isWanted, now: now) else { return }
    own.supply.pace = own.rate.pace
    apiRates[api] = own
  }
}
