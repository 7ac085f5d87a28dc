/// Whether and how a failed call is made again.
public enum RetryRule: String, CaseIterable, Sendable {
  /// Not at all: the same call fails the same way.
  case never
  /// Once, with a token issued after the failure.
  case afterTokenRefresh = "after_token_refresh"
  /// After a growing wait, a limited number of times.
  case backoff
  /// After the shared rate or concurrency was cut; counts no attempt.
  case backoffWithRateCut = "backoff_with_rate_cut"
}
