internal import RelayCore

/// The credential that calls are made under, whatever its kind.
///
/// Isolation: belongs to its loop; waiters are called on it, also before the function returns.
protocol CallCredentials: AnyObject {
  typealias Waiter = (Result<CallGrant, CallFailure>) -> Void

  /// Seconds until the current token ends; nil without one, and for keys, which do not end.
  var secondsLeft: Int64? { get }
  /// What became of it so far.
  var counters: CredentialCounters { get }

  /// Calls `waiter` with a credential newer than `generation` (any, when nil), as soon as there is one.
  func withToken(newerThan generation: TokenGeneration?, _ waiter: @escaping Waiter)

  /// A call under this generation ended.
  func callEnded(_ generation: TokenGeneration, _ outcome: CallOutcome)

  /// The credential of this generation was handed out, and no call was made with it.
  func wasNotUsed(_ generation: TokenGeneration)

  /// Secrets were replaced by others.
  func secretsChanged()

  /// Begins nothing more and lets go of everybody who waits.
  func stop()
}
