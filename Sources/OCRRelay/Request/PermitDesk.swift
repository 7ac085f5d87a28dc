internal import EventLoop
internal import Logging
internal import RelayCore

/// Gives permits for calls to the flows of one loop, in time and in turn.
///
/// Isolation: not `Sendable`; belongs to its pipeline's loop.
final class PermitDesk {
  /// How long requests may wait here.
  struct Rules {
    /// The longest that a delivery is held before its call.
    var longestHold: Duration
    /// From this pause on deliveries go back to the queue instead of being held.
    var longPause: Duration
  }

  /// Called when no call may be made until then, which is long: requests are better off in the queue.
  var onLongPause: (Duration) -> Void = { _ in }
  /// Called when a call failed here, and so many in a row in the whole fleet.
  var onFailuresInFleet: (Int) -> Void = { _ in }
  /// Called with what the fleet was told about an outage, and the keeper's time.
  var onOutage: (FleetOutage, Duration) -> Void = { _, _ in }
  /// Whether answers can be published now: a call whose answer has nowhere to go is not made.
  var canPublish: () -> Bool = { true }

  var limiter: CallLimiter
  /// Hands out slots to all who share the rate; nil when this loop shares it with nobody.
  var keeper: (any RateKeeper)?
  let logger: Logger
  private var rules: Rules
  private var floods: FloodWatch
  private let reactor: Reactor
  /// By the slot of their tickets.
  private var waiting: [RequestFlow?] = []
  private var timer: LoopTimer?
  private var isServing = false

  /// `held` is how many requests of a queue are in work at a time.
  init(limiter: CallLimiter, rules: Rules, held: Int, reactor: Reactor, logger: Logger) {
    self.limiter = limiter
    self.rules = rules
    floods = FloodWatch(capacity: held)
    self.reactor = reactor
    self.logger = logger
    timer = reactor.makeTimer { [unowned self] in serve() }
  }

  /// The time that permits are reckoned in.
  var now: Duration { .nanoseconds(reactor.now.nanoseconds) }

  /// How long no call may be made; nil when there is no pause.
  var pause: Duration? { limiter.pause(now: now) }

  /// Goes on with other settings.
  func follow(_ rate: RateSettings) {
    rules = Rules(longestHold: rate.longestHold, longPause: rate.longPause)
    limiter.follow(rate.policy, maximumConcurrency: rate.maximumConcurrency, weights: rate.weightsByName, now: now)
    serve()
  }

  // MARK: Requests

  /// Takes a permit for the flow, which hears of it now or later. `deadline` is the requester's; `isReturning` tells that a
  /// call was refused, so that the request comes before others.
  func takePermit(for flow: RequestFlow, deadline: Duration?, isReturning: Bool) {
    if let pause, pause > rules.longPause { return flow.permitUnavailable(for: pause) }
    let hold = .nanoseconds(flow.arrivedAt.nanoseconds) + rules.longestHold
    let lane = lane(for: flow, isReturning: isReturning)
    let entry = limiter.enter(
      publisher: flow.publisher, api: flow.plan?.api.name ?? "", lane: lane, deadline: min(deadline ?? hold, hold),
      atFront: isReturning, now: now)
    switch entry {
    case .granted(let permit): flow.permitArrived(permit)
    case .full: flow.permitUnavailable(for: shortestWait)
    case .waiting(let ticket):
      if !isReturning, isInTheWay(flow, ticket, lane) { return flow.setAside() }
      keep(flow, ticket)
      if !isServing { waitOn() }
    }
  }

  /// Requests of a publisher that floods a queue get what others leave.
  private func lane(for flow: RequestFlow, isReturning: Bool) -> Int {
    guard let spare = limiter.spareLane, flow.lane != spare, !isReturning else { return flow.lane }
    return floods.isFlooding(flow.publisher, now: now) ? spare : flow.lane
  }

  /// Whether the request is one too many of its publisher. Then it does not wait here, and those that do wait behind others.
  private func isInTheWay(_ flow: RequestFlow, _ ticket: WaitingTicket, _ lane: Int) -> Bool {
    guard let spare = limiter.spareLane, flow.lane != spare else { return false }
    let requests = limiter.waiting(of: flow.publisher, inLane: lane)
    guard
      floods.isOverShare(flow.publisher, requests: requests, publishers: limiter.waitingPublishers, now: now)
    else { return false }
    limiter.leave(ticket)
    if lane != spare {
      limiter.move(flow.publisher, from: lane, to: spare)
      logger.info(
        "a publisher has more than its share waiting: it gets what others leave",
        metadata: ["waiting": "\(limiter.waiting)", "publishers": "\(limiter.waitingPublishers)"])
    }
    return true
  }

  /// The flow waits no longer: its delivery was lost or given back.
  func leave(_ flow: RequestFlow) {
    guard let ticket = flow.ticket else { return }
    flow.ticket = nil
    if limiter.leave(ticket) { waiting[ticket.slot] = nil }
  }

  /// Serves whoever may call now.
  func serve() {
    guard !isServing, canPublish() else { return }
    isServing = true
    while let step = limiter.next(now: now) {
      switch step {
      case .granted(let ticket, let permit): take(ticket)?.permitArrived(permit)
      case .expired(let ticket): take(ticket)?.permitUnavailable(for: shortestWait)
      }
    }
    isServing = false
    waitOn()
  }

  // MARK: Calls

  /// A call ended. The caller serves those who wait, after what it makes of the outcome: it may concern them as well.
  func callEnded(_ permit: CallPermit, _ outcome: CallOutcome) {
    guard case .failure(let failure) = outcome else { return limiter.ended(permit, now: now) }
    if failure.retry == .backoffWithRateCut {
      refused(permit, failure)
    } else if failure.scope == .service {
      limiter.failed(permit, now: now)
    } else {
      limiter.ended(permit, now: now)
    }
  }

  /// The permit was not used.
  func abandoned(_ permit: CallPermit) {
    limiter.abandoned(permit, now: now)
  }

  private func refused(_ permit: CallPermit, _ failure: CallFailure) {
    var notice = failure.throttle ?? ThrottleNotice(kind: .rate)
    notice.retryAfter = [notice.retryAfter, failure.minimumWait].compactMap { $0 }.max()
    switch limiter.refused(permit, notice, now: now) {
    case .rate(.late), .apiRate(.late), .concurrency(isCut: false): break
    case .rate(.probeRefused), .apiRate(.probeRefused):
      logger.debug("the limit is where it was", metadata: logged(failure))
    case .rate(.cut), .apiRate(.cut): logger.warning("too many calls: the rate is cut", metadata: logged(failure))
    case .concurrency(isCut: true):
      logger.warning("too many calls at once: fewer are made in parallel", metadata: logged(failure))
    }
    if let pause, pause > rules.longPause { onLongPause(limiter.pausedUntil) }
  }

  private func logged(_ failure: CallFailure) -> Logger.Metadata {
    let pace = limiter.rate.pace
    return [
      "backend_code": "\(failure.backend.code ?? "none")", "limit": "\(limiter.rate.limit?.calls ?? 0)",
      "window_ms": "\((limiter.rate.limit?.window ?? .zero).milliseconds)",
      "interval_ms": "\(pace.interval.milliseconds)", "calls_at_once": "\(limiter.concurrency.limit)",
      "pause_ms": "\((pause ?? .zero).milliseconds)", "waiting": "\(limiter.waiting)",
    ]
  }

  // MARK: Waiting

  /// How long a request that is not held waits at least.
  private var shortestWait: Duration { max(pause ?? .zero, .seconds(2)) }

  private func keep(_ flow: RequestFlow, _ ticket: WaitingTicket) {
    while waiting.count <= ticket.slot { waiting.append(nil) }
    waiting[ticket.slot] = flow
    flow.ticket = ticket
  }

  private func take(_ ticket: WaitingTicket) -> RequestFlow? {
    let flow = waiting[ticket.slot]
    waiting[ticket.slot] = nil
    flow?.ticket = nil
    return flow
  }

  /// Asks for slots where some are missing, and sleeps until something can change.
  private func waitOn() {
    guard limiter.waiting > 0 || keeper != nil else { return }
    lease()
    let now = now
    let next = limiter.nextWake(now: now)
    guard let wake = limiter.leaseWake(now: now).map({ min($0, next ?? $0) }) ?? next else { return }
    timer?.arm(at: MonotonicInstant(nanoseconds: wake.saturatingNanoseconds))
  }
}

extension Duration {
  fileprivate var milliseconds: Int64 { saturatingNanoseconds / 1_000_000 }
}
