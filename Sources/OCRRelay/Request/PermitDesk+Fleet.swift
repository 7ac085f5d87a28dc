internal import Logging
internal import RelayCore

/// Sharing the rate with other processes, or with the other loops of this one.
extension PermitDesk {
  /// Takes slots from the keeper's timeline from now on.
  func join(_ keeper: any RateKeeper, _ policy: FleetPolicy) {
    self.keeper = keeper
    limiter.join(policy, now: now, jitter: .random(in: 0..<1))
    serve()
  }

  /// Asks for slots if any are missing, and shows now and then that the process is alive.
  func lease() {
    guard let keeper, let request = limiter.leaseRequest(now: now) else { return }
    keeper.lease(request) { [weak self] answer in self?.leased(answer, failed: request.failed) }
  }

  /// What another process told all others.
  func heard(_ message: [UInt8]) {
    if let news = FleetNews(message) { heard(news) }
  }

  /// What another member told all others.
  func heard(_ news: FleetNews) {
    switch news {
    case .rate(let version, let numbers):
      limiter.heard(version: version, numbers: numbers, now: now)
      serve()
    case .calls(let pause):
      limiter.heardOfCalls(pause: pause, now: now)
      serve()
    case .outage(let outage, let keeperTime): onOutage(outage, keeperTime)
    }
  }

  /// Tells the fleet of an outage, or asks for a turn to probe; the completion is called once, with nil when nobody answers.
  func tell(_ step: OutageStep, _ completion: @escaping (OutageAnswer?) -> Void) {
    guard let keeper else { return completion(nil) }
    keeper.tell(step, completion)
  }

  private func leased(_ answer: LeaseAnswer?, failed: Int) {
    let wasLeasing = limiter.isLeasing
    if let answer {
      limiter.leased(answer, now: now)
    } else {
      limiter.leaseFailed(now: now, jitter: .random(in: 0..<1))
    }
    if limiter.isLeasing != wasLeasing { report() }
    if let outage = answer?.outage, let answer { onOutage(outage, answer.now) }
    if failed > 0, let answer { onFailuresInFleet(answer.failedInARow) }
    serve()
  }

  private func report() {
    guard keeper?.isWithinProcess == false else { return }
    if limiter.isLeasing {
      logger.notice("the rate is shared with the other relays", metadata: ["relays": "\(limiter.members)"])
    } else {
      logger.warning(
        "the rate cannot be shared: each relay keeps to a part of it", metadata: ["relays": "\(limiter.members)"])
    }
  }

  /// Leaves the fleet; calls `completion` when the others know, or cannot be told.
  func leaveFleet(_ completion: @escaping () -> Void) {
    guard let keeper else { return completion() }
    self.keeper = nil
    keeper.leave(limiter.surrender(), completion)
  }
}
