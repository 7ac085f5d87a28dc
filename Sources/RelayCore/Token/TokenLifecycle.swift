/// When to log in, which token is current, and when to stop trying: pure decisions about one credential.
///
/// Time is a duration since any fixed origin of a monotonic clock. The token itself stays with the caller; here it is
/// a generation with an end. One login is under way at most; everybody who needs a newer token waits for it.
public struct TokenLifecycle: Sendable {
  /// The token that calls use now.
  public struct Current: Sendable, Equatable {
    /// Which token it is.
    public var generation: TokenGeneration
    /// When it ends.
    public var expiresAt: Duration
    /// When its successor should be obtained.
    public var renewAt: Duration
  }

  /// What a need for a token leads to.
  public enum Answer: Sendable, Equatable {
    /// Use this token.
    case use(TokenGeneration)
    /// Wait: a login is under way.
    case wait
    /// Begin a login, then wait for it.
    case logIn
    /// No login before this time; the last one failed.
    case refuseUntil(Duration)
  }

  /// The current token, even when it has ended or was refused; see `isUsable`.
  public private(set) var current: Current?
  /// Whether a login is under way.
  public private(set) var isLoggingIn = false
  /// No login before this time.
  public private(set) var notBefore: Duration?

  private let policy: TokenPolicy
  /// Whether a call with the current token succeeded.
  public private(set) var hasWorked = false
  private var refused: TokenGeneration?
  private var consecutiveFailures = 0
  private var lastGeneration = TokenGeneration(number: 0)

  /// Nothing is known yet; the first need leads to a login.
  public init(policy: TokenPolicy = TokenPolicy()) {
    self.policy = policy
  }

  /// Somebody needs a token newer than `generation` (any, when nil).
  public mutating func need(newerThan generation: TokenGeneration?, now: Duration) -> Answer {
    if let current, isUsable(at: now), generation.map({ current.generation > $0 }) ?? true {
      return .use(current.generation)
    }
    return needLogin(now: now)
  }

  /// The clock moved on: is it time to renew?
  public mutating func renewIfDue(now: Duration) -> Answer? {
    guard let current, now >= current.renewAt || refused == current.generation else { return nil }
    let answer = needLogin(now: now)
    return answer == .logIn ? answer : nil
  }

  /// The service refused this token although it looked valid. Tells whether that is news: the first refusal of the
  /// current one.
  @discardableResult
  public mutating func tokenWasRefused(_ generation: TokenGeneration) -> Bool {
    guard generation == current?.generation, refused != generation else { return false }
    refused = generation
    return true
  }

  /// A call with this token succeeded.
  public mutating func tokenWorked(_ generation: TokenGeneration) {
    if generation == current?.generation { hasWorked = true }
  }

  /// A login succeeded; `startedAt` is when its request was sent, because the token may be that old. Nil when the token
  /// ended before it arrived: nothing has changed then, and the login is to be reported as failed.
  ///
  /// `jitter`, from 0 to 1, moves the renewal by up to a fifth of its margin, so that many processes with the same
  /// token do not ask for the next one in the same moment.
  public mutating func loggedIn(
    lifetime: Duration, startedAt: Duration, now: Duration, jitter: Double = 0
  ) -> TokenGeneration? {
    guard startedAt + lifetime > now else { return nil }
    isLoggingIn = false
    consecutiveFailures = 0
    notBefore = nil
    refused = nil
    hasWorked = false
    lastGeneration = lastGeneration.next
    let margin = min(policy.renewBefore, lifetime / 2) * (1 - min(max(jitter, 0), 1) / 5)
    current = Current(
      generation: lastGeneration, expiresAt: startedAt + lifetime, renewAt: startedAt + lifetime - margin)
    return lastGeneration
  }

  /// A login failed. A token that is still valid stays in use. `isRefusal` tells that the credentials were refused, so
  /// that another try now would fail as well and could lock the account.
  public mutating func loginFailed(isRefusal: Bool, minimumWait: Duration?, now: Duration) {
    isLoggingIn = false
    consecutiveFailures += 1
    let backoff = min(policy.shortestRetry * (1 << min(consecutiveFailures - 1, 16)), policy.longestRetry)
    let wait = max(isRefusal ? policy.waitAfterRefusal : backoff, minimumWait ?? .zero)
    notBefore = now + wait
  }

  /// No login was made, because the processes together may make none before this time. A token that is still valid
  /// stays in use.
  public mutating func loginWasBlocked(for wait: Duration, now: Duration) {
    isLoggingIn = false
    notBefore = now + wait
  }

  /// The credentials were changed, so what was learnt about the old ones no longer holds. The token stays in use until
  /// its successor is there, which is due now.
  public mutating func credentialsChanged() {
    notBefore = nil
    consecutiveFailures = 0
    current?.renewAt = .zero
  }

  /// When `renewIfDue` should be asked next; nil while that would lead to nothing: without a token nothing is renewed,
  /// and a login that is under way comes first.
  public var nextDeadline: Duration? {
    guard !isLoggingIn, let current else { return nil }
    return max(current.renewAt, notBefore ?? current.renewAt)
  }

  private func isUsable(at now: Duration) -> Bool {
    guard let current else { return false }
    return refused != current.generation && now < current.expiresAt
  }

  private mutating func needLogin(now: Duration) -> Answer {
    if isLoggingIn { return .wait }
    if let notBefore, now < notBefore { return .refuseUntil(notBefore) }
    isLoggingIn = true
    return .logIn
  }
}
