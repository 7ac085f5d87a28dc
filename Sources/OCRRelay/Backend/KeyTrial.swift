internal import EventLoop
internal import RelayCore

/// Lets one process at a time try a key that nobody knows to work: each failure of any of them counts for the lock of
/// the key. What a trial showed holds for all processes that share the store.
///
/// A trial takes the place of a login, and the knowledge that the key works that of a token: so the rules are the same,
/// at most three trials in sixteen minutes that led to nothing.
///
/// Isolation: not `Sendable`; belongs to its loop.
final class KeyTrial {
  /// What the store says to a trial.
  enum Permission {
    /// Make one call and tell how it ended.
    case granted
    /// Another process has shown that the key works.
    case proven
    /// Nobody uses the key for this time.
    case blocked(Duration, TokenReply.BlockReason)
  }

  /// How a trial ended.
  enum Ending {
    case accepted
    /// The key was refused, and rests for this time.
    case refused(rest: Duration, isLock: Bool)
    /// Nothing was shown.
    case open
  }

  /// Called with everything that the store answers.
  var onStoreAnswer: (Result<TokenReply, TokenStoreFailure>) -> Void = { _ in }

  /// Its name in log lines.
  var storeName: String { store.name }

  private let store: any TokenStore
  private let reactor: Reactor
  private var flight: LoginFlight
  private var timer: LoopTimer?
  private var waiting: [Request] = []
  private var current: Request?
  private var startedAt = Duration.zero
  private var isStopped = false

  /// A wish for a trial; without `completion` once it was answered.
  private struct Request {
    var tag: UInt16
    var completion: ((Permission) -> Void)?
  }

  /// What is known of a key holds this long; then one process tries it anew when it starts.
  private static let proofLifetime = Duration.seconds(86_400)

  /// `longest` is the longest time that a trial takes.
  init(store: any TokenStore, longest: Duration, reactor: Reactor) {
    self.store = store
    self.reactor = reactor
    flight = LoginFlight(rules: LoginFlight.Rules(claim: LoginClaim(leaseTime: longest + .seconds(10))))
    timer = reactor.makeTimer { [unowned self] in perform(flight.waited(now: now)) }
  }

  /// Asks for a trial of the key with this tag; `completion` is called once, also before this returns.
  func begin(tag: UInt16, _ completion: @escaping (Permission) -> Void) {
    waiting.append(Request(tag: tag, completion: completion))
    // A trial that was granted before and never ended is given up.
    if flight.state == .loggingIn { ended(.open) } else { next() }
  }

  /// The call that was granted ended.
  func ended(_ ending: Ending) {
    guard flight.state == .loggingIn, let tag = current?.tag else { return }
    switch ending {
    case .accepted:
      let contents = TokenContents(text: Self.proof(tag), lifetime: Self.proofLifetime)
      perform(flight.loggedIn(contents, startedAt: startedAt, now: now))
    case .refused(let rest, let isLock):
      perform(flight.loginFailed(isLock ? .locked(wait: rest) : .refused(wait: rest), now: now))
    case .open: perform(flight.loginFailed(.passing, now: now))
    }
  }

  /// A key that worked was refused: others must not rely on it any more.
  func proofWasRefused() {
    guard let operation = flight.tokenWasRefused(worked: true, now: now) else { return }
    store.perform(operation) { [weak self] in self?.onStoreAnswer($0) }
  }

  /// Ends all work; nobody is told.
  func stop() {
    isStopped = true
    timer?.invalidate()
    timer = nil
    (waiting, current) = ([], nil)
    store.stop()
  }

  private var now: Duration { .nanoseconds(reactor.now.nanoseconds) }

  private func next() {
    guard flight.state == .idle, !waiting.isEmpty, !isStopped else { return }
    let request = waiting.removeFirst()
    current = request
    perform(flight.begin(secretTag: request.tag))
  }

  private func perform(_ action: LoginFlight.Action) {
    guard !isStopped else { return }
    switch action {
    case .none: break
    case .ask(let operation):
      store.perform(operation) { [weak self] result in
        guard let self, !isStopped else { return }
        onStoreAnswer(result)
        perform(flight.storeAnswered(result, now: now))
      }
    case .logIn:
      startedAt = now
      answer(.granted)
    case .wait(let pause): timer?.arm(after: pause)
    case .adopt(let token): adopt(token)
    case .blocked(let wait, let reason): end(.blocked(wait, reason))
    case .failed, .storeMissing: end(nil)
    }
  }

  private func answer(_ permission: Permission) {
    let completion = current?.completion
    current?.completion = nil
    completion?(permission)
  }

  /// The flight is over: answers who has no answer yet, and begins the next one.
  private func end(_ permission: Permission?) {
    if let permission { answer(permission) }
    // The answer may have led to a new flight.
    if flight.state == .idle { next() }
  }

  private func adopt(_ token: StoredToken) {
    guard let current, current.completion != nil else { return end(nil) }
    if token.contents.text == Self.proof(current.tag) { return end(.proven) }
    // It is about another key.
    perform(flight.begin(secretTag: current.tag))
  }

  private static func proof(_ tag: UInt16) -> Secret { Secret("key \(tag) works") }
}
