/// What happens to requests that failed for a reason that may pass.
public struct RetrySettings: Sendable, Equatable {
  /// Whether such requests wait in the retry queues; if not, the first failure is the answer.
  public var enabled = true
  /// Most calls for one request, the first included.
  public var maximumAttempts = 5
  /// The most retries in a hundred calls; what is beyond waits longer.
  public var budgetPercent = 20
  /// Retries in a minute that are in order whatever their share.
  public var budgetPerMinute = 10
  /// How long after its first failure a request is given up, also when it only waited for an outage to end.
  public var giveUpAfter = Duration.seconds(86_400)
}
