/// When tokens are renewed and how often a login may be tried.
public struct TokenPolicy: Sendable, Equatable {
  /// How long before its end a token is renewed; never more than half of its life.
  public var renewBefore: Duration
  /// Wait after a login that failed for a reason that may pass; doubles up to `longestRetry`.
  public var shortestRetry: Duration
  /// The longest such wait.
  public var longestRetry: Duration
  /// Wait after a login that was refused. Five refusals within 15 minutes lock the account, so at most three fit into
  /// 16 minutes.
  public var waitAfterRefusal: Duration

  /// A policy; the defaults are those of the service.
  public init(
    renewBefore: Duration = .seconds(300), shortestRetry: Duration = .seconds(1), longestRetry: Duration = .seconds(60),
    waitAfterRefusal: Duration = .seconds(330)
  ) {
    self.renewBefore = renewBefore
    self.shortestRetry = shortestRetry
    self.longestRetry = longestRetry
    self.waitAfterRefusal = waitAfterRefusal
  }
}
