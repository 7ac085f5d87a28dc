import RelayCore

/// The decisions on a request, and its place among others.
enum DecisionOperations {
  static func all() -> [Operation] {
    [decide(), permit("permit that is there at once", backlog: 0), permit("permit behind fifty others", backlog: 50)]
  }

  private static func decide() -> Operation {
    let policy = RetryPolicy()
    let generation = TokenGeneration(number: 1)
    return Operation(name: "decisions on a request that succeeds", mostAllocations: 0) {
      var machine = RequestMachine(attempts: 0, policy: policy)
      precondition(machine.accepted(keepsResults: true) == .askForResult)
      precondition(machine.resultMissing() == .requestToken(newerThan: nil))
      precondition(machine.tokenArrived(generation, deadlinePassed: false) == .takePermit)
      precondition(machine.permitArrived(deadlinePassed: false) == .call(generation))
      precondition(machine.called(.success) == .publishResult)
      precondition(machine.confirmed(.reply) == .acknowledge)
    }
  }

  private static func permit(_ name: String, backlog: Int) -> Operation {
    var limiter = CallLimiter(
      policy: RatePolicy(
        limits: [RateLimit(calls: backlog == 0 ? 1_000_000 : 10_000, window: .seconds(1))], probes: false),
      lanes: [4, 1], hasSpareLane: true)
    let publishers = (0..<10).map { "publisher-\($0)" }
    var now = Duration.seconds(1)
    var asked = 0
    var waiting = 0
    return Operation(name: name, mostAllocations: 0) {
      var served = 0
      while served == 0 {
        now += .microseconds(100)
        while waiting < max(1, backlog), served == 0 || backlog > 0 {
          let entry = limiter.enter(
            publisher: publishers[asked % 10], api: "general-text", lane: asked % 2, deadline: now + .seconds(600),
            now: now)
          asked += 1
          guard case .granted(let permit) = entry else {
            waiting += 1
            continue
          }
          limiter.ended(permit, now: now)
          served += 1
          break
        }
        while case .granted(_, let permit)? = limiter.next(now: now) {
          limiter.ended(permit, now: now)
          waiting -= 1
          served += 1
        }
      }
    }
  }
}
