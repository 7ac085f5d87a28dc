import RelayCore

/// Many processes with one credential and one store, in simulated time: each has the lifecycle and the flight that a
/// real one has; the identity service and the faults come from a seed.
struct TokenFleet {
  struct Settings {
    var processes = 8
    var lifetime = Duration.seconds(60)
    var passwordIsRight = true
    /// Chances in a thousand, for each step of a process.
    var crashes = 0
    var pauses = 0
    var storeFailures = 0
    /// Whether the service refuses every token.
    var refusesTokens = false
  }

  struct Process {
    var lifecycle = TokenLifecycle(policy: TokenPolicy(waitAfterRefusal: .seconds(60)))
    var flight = LoginFlight()
    var incarnation = 0
    var login: (startedAt: Duration, endsAt: Duration)?
    var token: StoredToken?
    var local: TokenGeneration?
    var pausedUntil = Duration.zero
  }

  private enum Event {
    case step(LoginFlight.Action)
    case loginEnds(startedAt: Duration)
    case waited
    case tick
  }

  let settings: Settings
  var random: CheckRandom
  var now = Duration.zero
  var record = TokenRecord()
  var processes: [Process]
  /// When logins began.
  var logins: [Duration] = []
  /// Logins that began while another was under way.
  var overlaps = 0
  /// Processes that needed a token and could not get one.
  var withoutToken = 0
  /// Steps that had a token.
  var withToken = 0
  var violations: [String] = []
  private var events: [(at: Duration, order: Int, process: Int, incarnation: Int, event: Event)] = []
  private var order = 0

  init(_ settings: Settings, random: CheckRandom) {
    self.settings = settings
    self.random = random
    processes = (0..<settings.processes).map { _ in Process() }
  }

  mutating func run(for time: Duration) {
    for index in processes.indices { plan(.tick, index, after: .milliseconds(below(100))) }
    while let next = events.indices.min(by: { (events[$0].at, events[$0].order) < (events[$1].at, events[$1].order) }) {
      let entry = events.remove(at: next)
      guard entry.at <= time else { return }
      now = entry.at
      guard entry.incarnation == processes[entry.process].incarnation else { continue }
      guard processes[entry.process].pausedUntil <= now else {
        plan(entry.event, entry.process, after: processes[entry.process].pausedUntil - now)
        continue
      }
      handle(entry.event, entry.process)
      disturb(entry.process)
    }
  }

  // MARK: Steps

  private mutating func handle(_ event: Event, _ index: Int) {
    switch event {
    case .tick:
      use(index)
      plan(.tick, index, after: .milliseconds(500 + below(1_000)))
    case .waited: perform(processes[index].flight.waited(now: now), index)
    case .step(let action): perform(action, index)
    case .loginEnds(let startedAt): loginEnds(startedAt, index)
    }
  }

  /// A request comes, and the renewal timer is looked at.
  private mutating func use(_ index: Int) {
    if let late = processes[index].flight.lateSave(now: now), !chance(settings.storeFailures) {
      _ = apply(late)
      processes[index].flight.savedLate()
    }
    switch processes[index].lifecycle.need(newerThan: nil, now: now) {
    case .use(let generation):
      withToken += 1
      if settings.refusesTokens {
        refuse(generation, index)
      } else {
        processes[index].lifecycle.tokenWorked(generation)
      }
    case .logIn:
      withoutToken += 1
      perform(processes[index].flight.begin(secretTag: 1), index)
    case .wait, .refuseUntil: withoutToken += 1
    }
    if processes[index].lifecycle.renewIfDue(now: now) == .logIn {
      perform(processes[index].flight.begin(secretTag: 1), index)
    }
  }

  private mutating func refuse(_ generation: TokenGeneration, _ index: Int) {
    guard processes[index].lifecycle.tokenWasRefused(generation) else { return }
    let worked = processes[index].lifecycle.hasWorked
    if let operation = processes[index].flight.tokenWasRefused(worked: worked, now: now) { _ = apply(operation) }
  }

  private mutating func perform(_ action: LoginFlight.Action, _ index: Int) {
    switch action {
    case .none: break
    case .ask(let operation):
      let failed = chance(settings.storeFailures)
      let result: Result<TokenReply, TokenStoreFailure> =
        failed ? .failure(TokenStoreFailure(operation: "", detail: "", advice: "")) : .success(apply(operation))
      plan(.step(processes[index].flight.storeAnswered(result, now: now)), index, after: .milliseconds(below(5)))
    case .logIn: logIn(index)
    case .wait(let time): plan(.waited, index, after: time)
    case .adopt(let token): adopt(token, index)
    case .blocked(let wait, _):
      processes[index].lifecycle.loginWasBlocked(for: min(wait, .seconds(60)), now: now)
    case .failed, .storeMissing:
      processes[index].lifecycle.loginFailed(
        isRefusal: !settings.passwordIsRight, minimumWait: nil, now: now)
    }
  }

  private mutating func logIn(_ index: Int) {
    let time = Duration.milliseconds(20 + below(2_000))
    if processes.contains(where: { $0.login != nil && $0.pausedUntil <= now }) { overlaps += 1 }
    logins.append(now)
    processes[index].login = (now, now + time)
    plan(.loginEnds(startedAt: now), index, after: time)
  }

  private mutating func loginEnds(_ startedAt: Duration, _ index: Int) {
    processes[index].login = nil
    if settings.passwordIsRight {
      let contents = TokenContents(text: Secret("t\(logins.count)"), lifetime: settings.lifetime)
      perform(processes[index].flight.loggedIn(contents, startedAt: startedAt, now: now), index)
    } else {
      perform(processes[index].flight.loginFailed(.refused(wait: .seconds(960)), now: now), index)
    }
  }

  private mutating func adopt(_ token: StoredToken, _ index: Int) {
    let generation = processes[index].lifecycle.loggedIn(
      lifetime: token.contents.lifetime, startedAt: now - token.age, now: now,
      jitter: Double(below(1_000)) / 1_000)
    if generation == nil {
      processes[index].lifecycle.loginFailed(isRefusal: false, minimumWait: nil, now: now)
    }
    processes[index].token = token
  }

  private mutating func apply(_ operation: TokenOperation) -> TokenReply {
    let clock = Int64(now / .milliseconds(1))
    let before = record.apply(.load, now: clock).token?.generation ?? 0
    let reply = record.apply(operation, now: clock)
    if reply.token?.generation ?? 0 < before { violations.append("the generation decreased at \(now)") }
    return reply
  }

  // MARK: Faults

  private mutating func disturb(_ index: Int) {
    if chance(settings.crashes) {
      let incarnation = processes[index].incarnation + 1
      processes[index] = Process()
      processes[index].incarnation = incarnation
      plan(.tick, index, after: .milliseconds(below(2_000)))
    } else if chance(settings.pauses) {
      processes[index].pausedUntil = now + .milliseconds(below(60_000))
    }
  }

  private mutating func plan(_ event: Event, _ index: Int, after delay: Duration) {
    order += 1
    events.append((now + delay, order, index, processes[index].incarnation, event))
  }

  private mutating func chance(_ thousandth: Int) -> Bool { below(1_000) < thousandth }

  private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<max(1, limit), using: &random) }
}
