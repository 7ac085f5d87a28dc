/// Sharing the bound for calls at once with other processes: each holds a part, asked for along with slots.
extension CallLimiter {
  /// Whether requests wait for more calls at once than this process holds.
  var isShortOfCalls: Bool {
    guard let fleet, !fleet.isAlone, concurrency.allotment != nil else { return false }
    return queue.count > 0 && concurrency.inFlight >= concurrency.bound && concurrency.bound < fleet.callLimit
  }

  /// What to ask for; nil when the bound is none of the fleet.
  mutating func callsRequest() -> CallsRequest? {
    guard concurrency.maximum < .max, let fleet else { return nil }
    let running = concurrency.inFlight
    // A little more than is needed now saves the next request; one call at least where there are enough for everybody.
    let spare = max((running + 3) / 4, fleet.members <= fleet.callLimit ? 1 : 0)
    defer { self.fleet?.isCallsCut = false }
    return CallsRequest(
      limit: concurrency.maximum, held: max(concurrency.allotment ?? 0, running),
      wanted: min(running + queue.count + spare, concurrency.maximum), isCut: fleet.isCallsCut)
  }

  mutating func store(_ calls: CallsAnswer?, isReturning: Bool, now: Duration) {
    guard let calls, let fleet, concurrency.maximum < .max else { return }
    self.fleet?.callLimit = calls.limit
    self.fleet?.callsAskAt = now + fleet.policy.horizon / 2
    concurrency.hold(isReturning ? min(calls.allotment, callsAlone) : calls.allotment)
  }

  /// Keeps to a part of the bound that all processes can have at a time.
  mutating func holdCallsAlone() {
    guard concurrency.maximum < .max, fleet != nil else { return }
    concurrency.hold(callsAlone)
  }

  private var callsAlone: Int {
    guard let fleet else { return concurrency.maximum }
    return max(1, Int(Double(min(fleet.callLimit, concurrency.maximum)) * fleet.share))
  }

  /// A call of another process was refused because too many run at once: nobody begins one for a while.
  public mutating func heardOfCalls(pause: Duration, now: Duration) {
    guard concurrency.allotment != nil, let fleet, !fleet.isAlone else { return }
    concurrency.hold(until: now + min(max(pause, .zero), .seconds(60)))
    self.fleet?.hasNews = true
  }
}
