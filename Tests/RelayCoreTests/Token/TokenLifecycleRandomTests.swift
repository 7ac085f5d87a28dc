import RelayCore
import Testing

/// A day of calls, refusals and failed logins in simulated time.
struct TokenLifecycleRandomTests {
  @Test func randomDaysKeepThePromises() {
    let seed = CheckRandom.seed("TokenLifecycle")
    var random = CheckRandom(seed: seed)
    for _ in 0..<200 {
      var day = Day(random: random)
      day.live()
      random = day.random
      #expect(day.violations.isEmpty, "seed \(seed): \(day.violations)")
      if !day.violations.isEmpty { return }
    }
  }

  private struct Day {
    var lifecycle = TokenLifecycle()
    var random: CheckRandom
    var violations: [String] = []
    var now = Duration.zero
    var loginStart: Duration?
    var refusals: [Duration] = []
    var refused: Set<TokenGeneration> = []
    var ends: [TokenGeneration: Duration] = [:]
    var newest: TokenGeneration?

    init(random: CheckRandom) { self.random = random }

    mutating func live() {
      for _ in 0..<2_000 {
        now += .milliseconds(Int.random(in: 0...60_000, using: &random))
        step()
        check()
      }
      endLogin(succeeds: false, isRefusal: false)
      now += .seconds(400)
      let answer = lifecycle.need(newerThan: newest, now: now)
      expect(answer == .logIn, "a failure was sticky: \(answer)")
    }

    private mutating func step() {
      switch Int.random(in: 0..<10, using: &random) {
      case 0...2: need(newerThan: nil)
      case 3: need(newerThan: newest)
      case 4: begin(lifecycle.renewIfDue(now: now))
      case 5: refuseToken()
      case 6, 7: endLogin(succeeds: true, isRefusal: false)
      default: endLogin(succeeds: false, isRefusal: Bool.random(using: &random))
      }
    }

    private mutating func need(newerThan generation: TokenGeneration?) {
      let answer = lifecycle.need(newerThan: generation, now: now)
      switch answer {
      case .use(let used):
        expect(!refused.contains(used), "a refused token was used")
        expect(ends[used].map { now < $0 } ?? false, "an ended token was used")
        expect(generation.map { used > $0 } ?? true, "the token is not newer")
        expect(used == newest, "not the newest token")
      case .wait: expect(loginStart != nil, "waits for nothing")
      case .refuseUntil(let until): expect(until > now, "a refusal without end")
      case .logIn: break
      }
      if let newest, generation == nil, !refused.contains(newest), let end = ends[newest], now < end {
        expect(answer == .use(newest), "a valid token was left unused: \(answer)")
      }
      begin(answer)
    }

    private mutating func begin(_ answer: TokenLifecycle.Answer?) {
      guard answer == .logIn else { return }
      expect(loginStart == nil, "two logins at a time")
      loginStart = now
    }

    private mutating func refuseToken() {
      guard let newest else { return }
      let old = UInt64.random(in: 1...newest.number, using: &random)
      let generation = TokenGeneration(number: Bool.random(using: &random) ? old : newest.number)
      lifecycle.tokenWasRefused(generation)
      refused.insert(generation)
    }

    private mutating func endLogin(succeeds: Bool, isRefusal: Bool) {
      guard let start = loginStart else { return }
      loginStart = nil
      let lifetime = Duration.seconds(Int.random(in: 1...86_400, using: &random))
      if succeeds, let generation = lifecycle.loggedIn(lifetime: lifetime, startedAt: start, now: now) {
        expect(newest.map { generation > $0 } ?? true, "generations do not grow")
        newest = generation
        ends[generation] = start + lifetime
      } else {
        expect(!succeeds || start + lifetime <= now, "a valid token was turned down")
        lifecycle.loginFailed(isRefusal: isRefusal, minimumWait: nil, now: now)
        if isRefusal { refusals.append(now) }
      }
    }

    private mutating func check() {
      expect(lifecycle.isLoggingIn == (loginStart != nil), "the login under way is forgotten")
      if let current = lifecycle.current {
        let margin = current.expiresAt - current.renewAt
        expect(margin >= .zero && margin <= .seconds(300), "margin \(margin)")
      }
      if let deadline = lifecycle.nextDeadline {
        var later = lifecycle
        expect(later.renewIfDue(now: max(deadline, now)) == .logIn, "a deadline with nothing to do comes back at once")
      }
      refusals.removeAll { now - $0 >= .seconds(16 * 60) }
      expect(refusals.count <= 3, "\(refusals.count) refusals within 16 minutes")
    }

    private mutating func expect(_ condition: Bool, _ text: String) {
      if !condition { violations.append(text) }
    }
  }
}
