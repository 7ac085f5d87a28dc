/// A wish to log in. The store lets one process at a time do it.
public struct LoginClaim: Sendable, Equatable {
  /// A token of a later generation makes the login needless; 0 accepts any.
  public var newerThan: UInt64
  /// How long the right to log in lasts when its holder never reports back. Longer than a login may take.
  public var leaseTime: Duration
  /// Most logins within ``window`` that led to nothing: refused ones, those whose holder vanished, and those whose token
  /// was refused before it ever worked.
  public var budget: Int
  /// What the budget is for. Accounts lock after five failures in fifteen minutes.
  public var window: Duration
  /// Tells one secret from the next without telling the secret: a refusal holds for the secret it was given for only.
  public var secretTag: UInt16

  /// A claim; the defaults keep accounts from being locked.
  public init(
    newerThan: UInt64 = 0, leaseTime: Duration = .seconds(30), budget: Int = 3, window: Duration = .seconds(960),
    secretTag: UInt16 = 0
  ) {
    self.newerThan = newerThan
    self.leaseTime = leaseTime
    self.budget = budget
    self.window = window
    self.secretTag = secretTag
  }
}

/// How a login ended that brought no token.
public enum LoginSetback: Sendable, Equatable {
  /// For a reason that may pass: nobody answered, or the identity service was in trouble. Costs nothing of the budget.
  case passing
  /// The credential was refused: no process logs in with the same secret before `wait` is over.
  case refused(wait: Duration)
  /// The account or key is locked: no process logs in at all before `wait` is over.
  case locked(wait: Duration)
}
