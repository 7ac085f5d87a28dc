import RelayCore
import Testing

struct LoginFlightTests {
  private enum Event: String, CaseIterable {
    case begin, waited, granted, current, busy, blocked, storeFailed, loggedIn, loginFailed
  }

  private static let contents = TokenContents(text: Secret("t"), lifetime: .seconds(600))
  private static let stored = StoredToken(generation: 9, contents: contents, age: .seconds(1))
  private static let failure = TokenStoreFailure(operation: "o", detail: "d", advice: "a")

  private static func flight(_ state: LoginFlight.State, goesAlone: Bool = true) -> LoginFlight {
    var flight = LoginFlight(rules: .init(goesAlone: goesAlone))
    func claim() { _ = flight.begin(secretTag: 5) }
    func grant() { _ = flight.storeAnswered(.success(TokenReply(verdict: .granted(lease: 4))), now: .zero) }
    switch state {
    case .idle: break
    case .claiming: claim()
    case .waiting:
      claim()
      _ = flight.storeAnswered(.success(TokenReply(verdict: .busy(.seconds(9)))), now: .zero)
    case .loggingIn:
      claim()
      grant()
    case .saving:
      claim()
      grant()
      _ = flight.loggedIn(contents, startedAt: .zero, now: .seconds(1))
    case .reporting:
      claim()
      grant()
      _ = flight.loginFailed(.refused(wait: .seconds(7)), now: .seconds(1))
    }
    #expect(flight.state == state)
    return flight
  }

  private static func apply(_ event: Event, to flight: inout LoginFlight) -> LoginFlight.Action {
    func answer(_ verdict: TokenReply.Verdict, _ token: StoredToken? = nil) -> LoginFlight.Action {
      flight.storeAnswered(.success(TokenReply(verdict: verdict, token: token)), now: .seconds(1))
    }
    return switch event {
    case .begin: flight.begin(secretTag: 5)
    case .waited: flight.waited(now: .seconds(1))
    case .granted: answer(.granted(lease: 4), stored)
    case .current: answer(.current, stored)
    case .busy: answer(.busy(.seconds(9)))
    case .blocked: answer(.blocked(.seconds(8), .budget))
    case .storeFailed: flight.storeAnswered(.failure(failure), now: .seconds(1))
    case .loggedIn: flight.loggedIn(contents, startedAt: .zero, now: .seconds(1))
    case .loginFailed: flight.loginFailed(.refused(wait: .seconds(7)), now: .seconds(1))
    }
  }

  /// What is not listed does nothing and changes nothing.
  private static let table: [LoginFlight.State: [Event: (LoginFlight.Action, LoginFlight.State)]] = {
    let claim = LoginFlight.Action.ask(.claim(LoginClaim(secretTag: 5)))
    let kept = LoginFlight.Action.adopt(StoredToken(generation: 4, contents: contents, age: .seconds(1)))
    return [
      .idle: [.begin: (claim, .claiming)],
      .claiming: [
        .granted: (.logIn(refreshText: nil), .loggingIn), .current: (.adopt(stored), .idle),
        .busy: (.wait(.milliseconds(50)), .waiting), .blocked: (.blocked(.seconds(8), .budget), .idle),
        .storeFailed: (.wait(.milliseconds(50)), .waiting),
      ],
      .waiting: [.waited: (claim, .claiming)],
      .loggingIn: [
        .loggedIn: (.ask(.save(lease: 4, contents, age: .seconds(1))), .saving),
        .loginFailed: (.ask(.fail(lease: 4, .refused(wait: .seconds(7)), secretTag: 5)), .reporting),
      ],
      .saving: [
        .current: (.adopt(stored), .idle), .granted: (.adopt(stored), .idle), .busy: (kept, .idle),
        .blocked: (kept, .idle), .storeFailed: (.wait(.milliseconds(50)), .saving),
        .waited: (.ask(.save(lease: 4, contents, age: .seconds(1))), .saving),
      ],
      .reporting: [
        .current: (.failed, .idle), .granted: (.failed, .idle), .busy: (.failed, .idle), .blocked: (.failed, .idle),
        .storeFailed: (.failed, .idle),
      ],
    ]
  }()

  @Test(arguments: LoginFlight.State.allCases, Event.allCases)
  private func everyEventInEveryState(_ state: LoginFlight.State, _ event: Event) {
    var flight = Self.flight(state)
    let (action, next) = Self.table[state]?[event] ?? (.none, state)
    #expect(Self.apply(event, to: &flight) == action)
    #expect(flight.state == next)
  }

  /// Lets the store fail as often as it takes to be given up.
  private static func giveUpTheStore(_ flight: inout LoginFlight) -> LoginFlight.Action {
    var action = apply(.storeFailed, to: &flight)
    while case .wait = action {
      _ = flight.waited(now: .seconds(1))
      action = apply(.storeFailed, to: &flight)
    }
    return action
  }

  @Test(arguments: [false, true])
  func aStoreThatIsLateIsWaitedForOnce(_ hasAnsweredBefore: Bool) {
    var flight = Self.flight(hasAnsweredBefore ? .reporting : .idle)
    if hasAnsweredBefore { _ = Self.apply(.current, to: &flight) }
    _ = flight.begin(secretTag: 5)
    // Ten seconds at the start, when a fleet may be started together with its Redis.
    let more = [400, 800] + [Int](repeating: 1_000, count: 8)
    for pause in [50, 100, 200] + (hasAnsweredBefore ? [] : more) {
      #expect(Self.apply(.storeFailed, to: &flight) == .wait(.milliseconds(pause)))
      _ = flight.waited(now: .seconds(1))
    }
    #expect(Self.apply(.storeFailed, to: &flight) == .logIn(refreshText: nil))
    #expect(flight.isAlone)
    _ = Self.apply(.loggedIn, to: &flight)
    _ = flight.begin(secretTag: 5)
    #expect(Self.apply(.storeFailed, to: &flight) == .logIn(refreshText: nil), "it is known to be away")
  }

  @Test func aFlightThatMayNotGoAloneEndsWithoutItsStore() {
    var flight = Self.flight(.claiming, goesAlone: false)
    #expect(Self.giveUpTheStore(&flight) == .storeMissing)
    #expect(flight.state == .idle && flight.isAlone)
  }

  @Test func theRefreshTextOfTheLastTokenIsUsed() {
    var flight = Self.flight(.claiming)
    var old = Self.stored
    old.contents.refreshText = Secret("again")
    old.isRefused = true
    let reply = TokenReply(verdict: .granted(lease: 10), token: old)
    #expect(flight.storeAnswered(.success(reply), now: .zero) == .logIn(refreshText: Secret("again")))
  }

  @Test func pausesDoubleUpToTheirLimitAndEndWithTheLease() {
    var flight = Self.flight(.claiming)
    var pauses: [Int] = []
    for _ in 0..<7 {
      guard case .wait(let pause) = Self.apply(.busy, to: &flight) else { break }
      pauses.append(Int(pause / .milliseconds(1)))
      _ = flight.waited(now: .seconds(1))
    }
    #expect(pauses == [50, 100, 200, 400, 800, 1_000, 1_000])
    let short = TokenReply(verdict: .busy(.milliseconds(3)))
    #expect(flight.storeAnswered(.success(short), now: .zero) == .wait(.milliseconds(3)))
  }

  @Test func aClaimNamesTheSharedTokenOnly() {
    var flight = Self.flight(.claiming)
    _ = Self.apply(.current, to: &flight)
    #expect(flight.begin(secretTag: 5) == .ask(.claim(LoginClaim(newerThan: 9, secretTag: 5))))
    #expect(Self.giveUpTheStore(&flight) == .logIn(refreshText: nil))
    guard case .adopt(let own) = Self.apply(.loggedIn, to: &flight) else { return #expect(Bool(false)) }
    #expect(own.generation == 10 && flight.generation == 10)
    #expect(flight.tokenWasRefused(worked: true, now: .seconds(2)) == nil, "nobody else has it")
    #expect(flight.begin(secretTag: 5) == .ask(.claim(LoginClaim(newerThan: 9, secretTag: 5))))
    #expect(Self.apply(.current, to: &flight) == .adopt(Self.stored))
    #expect(
      flight.tokenWasRefused(worked: false, now: .seconds(2)) == .invalidate(generation: 9, worked: false))
  }

  @Test func aTokenThatCouldNotBeSavedIsSavedLater() {
    var flight = Self.flight(.saving)
    for pause in [50, 100] {
      #expect(Self.apply(.storeFailed, to: &flight) == .wait(.milliseconds(pause)))
      #expect(flight.lateSave(now: .seconds(1)) == nil)
      _ = flight.waited(now: .seconds(1))
    }
    #expect(
      Self.apply(.storeFailed, to: &flight)
        == .adopt(StoredToken(generation: 4, contents: Self.contents, age: .seconds(1))))
    #expect(flight.lateSave(now: .seconds(3)) == .save(lease: 4, Self.contents, age: .seconds(3)))
    #expect(flight.lateSave(now: .seconds(600)) == nil, "it has ended")
    flight.savedLate()
    #expect(flight.lateSave(now: .seconds(3)) == nil)
    #expect(flight.begin(secretTag: 5) == .ask(.claim(LoginClaim(newerThan: 4, secretTag: 5))))
  }

  @Test func aloneOneRefusalEndsTheTries() {
    var flight = Self.flight(.claiming)
    _ = Self.giveUpTheStore(&flight)
    #expect(flight.loginFailed(.refused(wait: .seconds(960)), now: .seconds(1)) == .failed)
    _ = flight.begin(secretTag: 5)
    #expect(Self.apply(.storeFailed, to: &flight) == .blocked(.seconds(1_920), .refused))
    _ = flight.begin(secretTag: 6)
    #expect(Self.apply(.storeFailed, to: &flight) == .blocked(.seconds(960), .budget), "another secret, same account")
  }
}
