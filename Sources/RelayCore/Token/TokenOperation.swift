/// What a process asks of a store. Each operation is one atomic step of the record: see ``TokenRecord/apply(_:now:)``.
public enum TokenOperation: Sendable, Equatable {
  /// Only look.
  case load
  /// May this process log in?
  case claim(LoginClaim)
  /// The login of this lease brought a token, and began this long ago.
  case save(lease: UInt64, TokenContents, age: Duration)
  /// The login of this lease brought none.
  case fail(lease: UInt64, LoginSetback, secretTag: UInt16)
  /// The service refused this generation. `worked` tells whether any call of this process succeeded with it.
  case invalidate(generation: UInt64, worked: Bool)
}

/// The store's answer.
public struct TokenReply: Sendable, Equatable {
  /// What came of the operation.
  public enum Verdict: Sendable, Equatable {
    /// It was done, or there was nothing to do.
    case done
    /// A newer token than the claim's is there: see ``TokenReply/token``.
    case current
    /// The claim is granted: log in now, then save or fail under this number, which becomes the token's generation.
    case granted(lease: UInt64)
    /// Another process logs in; its right to do so ends after this time.
    case busy(Duration)
    /// No login before this time is over.
    case blocked(Duration, BlockReason)
    /// The token to be saved is older than the one that is there, which stays: see ``TokenReply/token``.
    case superseded
  }

  /// Why nobody logs in.
  public enum BlockReason: String, Sendable, CaseIterable {
    /// The credential was refused.
    case refused
    /// The account or key is locked.
    case locked
    /// Too many logins led to nothing.
    case budget
  }

  /// What came of the operation.
  public var verdict: Verdict
  /// The token in the store after the operation, usable or not.
  public var token: StoredToken?

  /// Makes a reply.
  public init(verdict: Verdict, token: StoredToken? = nil) {
    self.verdict = verdict
    self.token = token
  }
}
