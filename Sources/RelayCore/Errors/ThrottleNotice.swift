/// What a refusal for too many calls tells about the limit.
public struct ThrottleNotice: Sendable, Equatable {
  /// What there was too much of.
  public enum Kind: String, Sendable, CaseIterable {
    /// Calls in a time window.
    case rate
    /// Calls at the same time.
    case concurrency
  }

  /// What there was too much of.
  public var kind: Kind
  /// Calls allowed in ``window``, when the refusal names them.
  public var limit: Int?
  /// The window the limit is for.
  public var window: Duration?
  /// What is counted, for example `user` or `ip`.
  public var policy: String?
  /// The wait that a `Retry-After` header demands.
  public var retryAfter: Duration?

  /// Makes a notice.
  public init(
    kind: Kind, limit: Int? = nil, window: Duration? = nil, policy: String? = nil, retryAfter: Duration? = nil
  ) {
    self.kind = kind
    self.limit = limit
    self.window = window
    self.policy = policy
    self.retryAfter = retryAfter
  }
}
