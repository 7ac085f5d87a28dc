internal import OCRContract

/// One way to a newer token, shared by everybody in the process who waits for it: ask the store, and log in when the
/// store says that it is this process' turn. Pure: events in, one action out.
///
/// `idle` → `claiming` → (`waiting` → `claiming`)… → `idle` with a token of another process or none, or →
/// `loggingIn` → `saving` (a few times) or `reporting` → `idle`. When the store cannot be reached the process goes on alone, with a
/// record of its own and a smaller budget, unless a login elsewhere would end the token here.
public struct LoginFlight: Sendable {
  /// Where the flight stands.
  public enum State: String, Sendable, CaseIterable {
    /// Nothing is under way.
    case idle
    /// The store was asked for the right to log in.
    case claiming
    /// Another process logs in; the store is asked again after a pause.
    case waiting
    /// A login is under way.
    case loggingIn
    /// The store is told the new token.
    case saving
    /// The store is told that the login failed.
    case reporting
  }

  /// What to do next.
  public enum Action: Sendable, Equatable {
    /// Nothing until the next event.
    case none
    /// Ask the store; answer with `storeAnswered`.
    case ask(TokenOperation)
    /// Log in, by the refresh text of the last token when there is one.
    case logIn(refreshText: Secret?)
    /// Call `waited` after this time.
    case wait(Duration)
    /// The flight has ended: this is the token now.
    case adopt(StoredToken)
    /// The flight has ended: the store allows no login for this time.
    case blocked(Duration, TokenReply.BlockReason)
    /// The flight has ended: the login failed.
    case failed
    /// The flight has ended: the store cannot be reached, and going on alone is not allowed.
    case storeMissing
  }

  /// What distinguishes flights of one kind of credential from those of another.
  public struct Rules: Sendable, Equatable {
    /// What is asked of the store.
    public var claim: LoginClaim
    /// Whether the process logs in by itself when the store cannot be reached. Wrong where each login ends the token of
    /// the others.
    public var goesAlone: Bool
    /// First and longest pause before a busy store is asked again.
    public var pauses: ClosedRange<Duration>

    /// Rules; the defaults are those of a service whose tokens do not end each other.
    public init(
      claim: LoginClaim = LoginClaim(), goesAlone: Bool = true,
      pauses: ClosedRange<Duration> = .milliseconds(50)...(.seconds(1))
    ) {
      self.claim = claim
      self.goesAlone = goesAlone
      self.pauses = pauses
    }
  }

  /// Where the flight stands.
  public private(set) var state = State.idle
  /// Whether the process acts without its store, since the store's last failure.
  public private(set) var isAlone = false
  /// The token that the process has, as the store numbers it; 0 without one.
  public private(set) var generation: UInt64 = 0

  private let rules: Rules
  private var alone = TokenRecord()
  private var hasMetStore = false
  private var isTokenShared = true
  private var sharedGeneration: UInt64 = 0
  private var secretTag: UInt16 = 0
  private var lease: UInt64 = 0
  private var pause = Duration.zero
  private var claimTries = 0
  private var saveTries = 0
  private var contents: (TokenContents, startedAt: Duration)?
  private var unsaved: (lease: UInt64, contents: TokenContents, startedAt: Duration)?

  /// How often a store is asked that does not answer: for a third of a second when it has answered before. A process
  /// that has just started does not know what others have tried, and waits ten seconds for a store that starts too.
  private var maximumClaimTries: Int { hasMetStore ? 4 : 14 }
  private static let maximumSaveTries = 3

  /// No flight yet.
  public init(rules: Rules = Rules()) {
    self.rules = rules
  }

  /// A token newer than the one of the process is needed; `secretTag` tells which secret a login would use.
  public mutating func begin(secretTag: UInt16) -> Action {
    guard state == .idle else { return .none }
    self.secretTag = secretTag
    pause = rules.pauses.lowerBound
    claimTries = 0
    return claim()
  }

  /// The pause after `wait` is over.
  public mutating func waited(now: Duration) -> Action {
    switch state {
    case .waiting: claim()
    case .saving: save(now)
    case .idle, .claiming, .loggingIn, .reporting: .none
    }
  }

  /// What the store still has to be told of a token that it did not take when it came; nil when there is none. Ask now
  /// and then, and call `savedLate` when the store took it.
  public func lateSave(now: Duration) -> TokenOperation? {
    guard let unsaved, state == .idle, unsaved.startedAt + unsaved.contents.lifetime > now else { return nil }
    return .save(lease: unsaved.lease, unsaved.contents, age: now - unsaved.startedAt)
  }

  /// The store took the token of `lateSave`, or has a newer one.
  public mutating func savedLate() {
    guard let unsaved else { return }
    if unsaved.lease == generation {
      isTokenShared = true
      sharedGeneration = max(sharedGeneration, generation)
    }
    self.unsaved = nil
  }

  /// The store answered what was asked last.
  public mutating func storeAnswered(_ result: Result<TokenReply, TokenStoreFailure>, now: Duration) -> Action {
    if case .success = result { hasMetStore = true }
    switch (state, result) {
    case (.claiming, .success(let reply)):
      isAlone = false
      return claimed(reply)
    case (.claiming, .failure): return claimFailed(now)
    case (.saving, .success(let reply)): return saved(reply, now)
    case (.saving, .failure): return saveFailed(now)
    case (.reporting, _): return end(.failed)
    case (.idle, _), (.waiting, _), (.loggingIn, _): return .none
    }
  }

  /// The login brought a token; it began at `startedAt`.
  public mutating func loggedIn(_ contents: TokenContents, startedAt: Duration, now: Duration) -> Action {
    guard state == .loggingIn else { return .none }
    self.contents = (contents, startedAt)
    guard !isAlone else { return keepUnsaved(now) }
    state = .saving
    saveTries = 0
    pause = rules.pauses.lowerBound
    return save(now)
  }

  /// The login brought none.
  public mutating func loginFailed(_ setback: LoginSetback, now: Duration) -> Action {
    guard state == .loggingIn else { return .none }
    if isAlone {
      _ = alone.apply(.fail(lease: lease, setback.doubled, secretTag: secretTag), now: now.milliseconds)
      return end(.failed)
    }
    state = .reporting
    return .ask(.fail(lease: lease, setback, secretTag: secretTag))
  }

  /// The service refused the process' token: what to tell the store, if anything. Its answer needs no event.
  public mutating func tokenWasRefused(worked: Bool, now: Duration) -> TokenOperation? {
    let operation = TokenOperation.invalidate(generation: generation, worked: worked)
    guard isTokenShared else {
      _ = alone.apply(operation, now: now.milliseconds)
      return nil
    }
    return generation > 0 ? operation : nil
  }

  // MARK: Steps

  private mutating func claimFailed(_ now: Duration) -> Action {
    claimTries += 1
    if !isAlone, claimTries < maximumClaimTries {
      state = .waiting
      return .wait(min(rules.pauses.lowerBound * (1 << (claimTries - 1)), rules.pauses.upperBound))
    }
    isAlone = true
    guard rules.goesAlone else { return end(.storeMissing) }
    return claimed(claimAlone(now))
  }

  private mutating func claim() -> Action {
    state = .claiming
    var claim = rules.claim
    claim.newerThan = sharedGeneration
    claim.secretTag = secretTag
    return .ask(.claim(claim))
  }

  private mutating func claimAlone(_ now: Duration) -> TokenReply {
    var claim = rules.claim
    claim.newerThan = generation
    claim.secretTag = secretTag
    claim.budget = 1
    return alone.apply(.claim(claim), now: now.milliseconds)
  }

  private mutating func claimed(_ reply: TokenReply) -> Action {
    switch reply.verdict {
    case .current, .superseded, .done:
      guard let token = reply.token, token.isUsable else { return end(.failed) }
      return adopt(token, isShared: !isAlone)
    case .granted(let lease):
      self.lease = lease
      state = .loggingIn
      return .logIn(refreshText: reply.token?.contents.refreshText)
    case .busy(let left):
      state = .waiting
      let wait = max(min(pause, left), .milliseconds(1))
      pause = min(pause * 2, rules.pauses.upperBound)
      return .wait(wait)
    case .blocked(let wait, let reason): return end(.blocked(wait, reason))
    }
  }

  private mutating func save(_ now: Duration) -> Action {
    guard let (contents, startedAt) = contents else { return end(.failed) }
    saveTries += 1
    return .ask(.save(lease: lease, contents, age: max(now - startedAt, .zero)))
  }

  private mutating func saveFailed(_ now: Duration) -> Action {
    guard saveTries >= Self.maximumSaveTries else { return .wait(pause * saveTries) }
    unsaved = contents.map { (lease, $0, $1) }
    return keepUnsaved(now)
  }

  private mutating func saved(_ reply: TokenReply, _ now: Duration) -> Action {
    guard let token = reply.token, token.isUsable, token.generation >= lease else { return keepUnsaved(now) }
    return adopt(token, isShared: true)
  }

  /// The token serves this process although no other can have it.
  private mutating func keepUnsaved(_ now: Duration) -> Action {
    guard let (contents, startedAt) = contents else { return end(.failed) }
    let age = max(now - startedAt, .zero)
    let reply = alone.apply(.save(lease: lease, contents, age: age), now: now.milliseconds)
    return adopt(reply.token ?? StoredToken(generation: lease, contents: contents, age: age), isShared: false)
  }

  private mutating func adopt(_ token: StoredToken, isShared: Bool) -> Action {
    generation = token.generation
    isTokenShared = isShared
    if isShared {
      sharedGeneration = max(sharedGeneration, token.generation)
      unsaved = nil
    }
    return end(.adopt(token))
  }

  private mutating func end(_ action: Action) -> Action {
    state = .idle
    contents = nil
    return action
  }
}

extension LoginSetback {
  /// Waits of a process that cannot know what the others try.
  fileprivate var doubled: LoginSetback {
    switch self {
    case .passing: .passing
    case .refused(let wait): .refused(wait: wait * 2)
    case .locked(let wait): .locked(wait: wait * 2)
    }
  }
}

extension Duration {
  fileprivate var milliseconds: Int64 { Int64(wholeMilliseconds) }
}
