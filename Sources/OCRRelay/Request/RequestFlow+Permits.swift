internal import RelayCore

/// Permits: each call takes one, a repeated call takes another.
extension RequestFlow {
  /// The publisher, for whom permits are shared out fairly.
  var publisher: String { request.userID ?? "" }

  /// Waits for a permit. A request whose call was throttled has waited before.
  func takePermit() {
    let left = request.deadline.map { Duration.milliseconds(max(0, $0 - WallClock.milliseconds())) }
    pipeline.permits.takePermit(
      for: self, deadline: left.map { pipeline.permits.now + $0 }, isReturning: wasThrottled)
  }

  /// One more call may be made.
  func permitArrived(_ permit: CallPermit) {
    let action = machine.permitArrived(deadlinePassed: isLate)
    if case .call = action {
      self.permit = permit
    } else {
      pipeline.permits.abandoned(permit)
      returnGrant()
    }
    perform(action)
  }

  /// The request has been held for as long as it may.
  func permitUnavailable(for wait: Duration) {
    returnGrant()
    perform(machine.permitUnavailable(for: wait, deadlinePassed: isLate))
  }

  /// Its publisher has more than its share waiting: the request gets what others leave, from a queue for that.
  func setAside() {
    isSetAside = true
    permitUnavailable(for: .zero)
  }

  /// Waits for no permit any more: the delivery is lost or given back.
  func stopWaiting() {
    guard ticket != nil else { return }
    pipeline.permits.leave(self)
    returnGrant()
  }

  /// Gives the credential back that was held for a call.
  private func returnGrant() {
    if let grant { pipeline.tokens.wasNotUsed(grant.generation) }
  }

  /// Gives the permit of an ended call back, with what is learnt from it.
  func returnPermit(_ outcome: CallOutcome) {
    guard let permit else { return }
    self.permit = nil
    if case .failure(let failure) = outcome, failure.retry == .backoffWithRateCut {
      wasThrottled = true
      pipeline.counters.throttled += 1
    }
    pipeline.permits.callEnded(permit, outcome)
  }

  /// Whether nobody waits for the answer any more.
  var isLate: Bool { request.deadline.map { $0 <= WallClock.milliseconds() } ?? false }
}
