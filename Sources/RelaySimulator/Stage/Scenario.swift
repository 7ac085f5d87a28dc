internal import RelayCore

/// Everything about a run that is decided before it begins.
struct Scenario {
  var requests: [RequestScript] = []
  var faults: [Fault] = []
  var relays = 1
  var prefetch = 1
  var deliveryLimit = 20
  var policy = RetryPolicy()
  /// The longest time that bytes need between a relay and the broker, in milliseconds.
  var latency = 3
  /// The longest time that the broker needs to confirm, in milliseconds.
  var confirmDelay = 10
  /// The longest time of a call, in milliseconds.
  var callTime = 800
  /// The most calls of a relay at the same time.
  var callsAtOnce = Int.max
  /// Pauses of the service that are longer send requests back to the queue, in milliseconds.
  var longPause = Int.max
  var tokenLifetime = Duration.seconds(86_400)
  var hasPoison = false
  /// How long relays keep results.
  var resultLifetime = Duration.seconds(86_400)

  /// Draws a run.
  init(random: inout SplitMix64) {
    relays = random.pick([1, 1, 2, 2, 3])
    prefetch = random.pick([1, 2, 5, 50])
    policy = RetryPolicy(maximumAttempts: random.between(1, 5), isEnabled: !random.chance(30))
    if random.chance(150) { policy.giveUpAfter = random.pick([.seconds(5), .seconds(30), .seconds(600)]) }
    latency = random.pick([1, 3, 10, 100])
    confirmDelay = random.pick([2, 10, 50, 500])
    callTime = random.pick([20, 300, 800, 5_000])
    callsAtOnce = random.pick([.max, 5, 1])
    longPause = random.pick([.max, 10_000, 1_000])
    // Short lives are rare, because renewals fill a run that waits for an hour with little else.
    tokenLifetime = random.chance(850) ? .seconds(86_400) : random.pick([.seconds(3_600), .seconds(600), .seconds(60)])
    hasPoison = random.chance(10)
    // A short limit shows what wears messages out; poison needs the true one, for the others that it strikes.
    if !hasPoison { deliveryLimit = random.pick([20, 20, 8]) }
    if random.chance(200) { resultLifetime = .seconds(20) }
    drawRequests(&random)
    drawFaults(&random)
  }

  /// The time, in milliseconds, at which everything must have ended: all retries that the policy allows after the last
  /// arrival, fault and refused login, and for failures that demand hours, those.
  var end: Int {
    let arrivals = requests.map(\.arrival).max() ?? 0
    let faults = faults.map { $0.start + $0.length }.max() ?? 0
    return max(arrivals, faults) + (demandsHours ? 5 * 7_300_000 : 0) + Self.patience
  }

  /// All levels up to ten minutes with some repetition, and a login that was refused.
  private static let patience = 4_000_000

  private var demandsHours: Bool {
    faults.contains { $0.kind == .oddFailures }
      || requests.contains {
        if case .transient(_, .longWait) = $0.behaviour { true } else { false }
      }
  }

  private mutating func drawRequests(_ random: inout SplitMix64) {
    let span = random.pick([0, 500, 5_000, 60_000])
    for index in 0..<random.magnitude(4, 30) {
      var script = RequestScript(
        arrival: random.between(0, span), target: .queue, isInvalid: random.chance(40), isPoison: false,
        behaviour: Self.behaviour(&random))
      if random.chance(100) { script.deadline = script.arrival + random.magnitude(50, 3_600_000) }
      if random.chance(150) { script.target = random.chance(250) ? .forbidden : .direct }
      if random.chance(60) { script.forgedAttempts = random.pick([-5, 1, 4, 99, Int.max]) }
      if random.chance(30) { script.forgedNotBefore = random.pick([1_000_000, Int.max]) }
      if hasPoison, index == 0 { script.isPoison = true }
      requests.append(script)
    }
  }

  private static func behaviour(_ random: inout SplitMix64) -> RequestScript.Behaviour {
    guard random.chance(300) else { return .success }
    guard random.chance(600) else { return .terminal }
    let sample = random.pick([FailureSample.failing, .failing, .download, .longWait, .throttled, .timeout])
    return .transient(failures: random.pick([1, 1, 2, 3, 9]), sample)
  }

  private mutating func drawFaults(_ random: inout SplitMix64) {
    guard !random.chance(100) else { return }
    for _ in 0..<random.magnitude(1, 6) {
      let kind = random.pick(Fault.Kind.allCases)
      faults.append(
        Fault(
          kind: kind, start: random.magnitude(1, 60_000),
          length: random.magnitude(100, kind == .loginsRefused ? 1_800_000 : 240_000),
          relay: random.below(relays)))
    }
  }
}
