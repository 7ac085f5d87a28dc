/// How a call ended.
public enum CallOutcome: Sendable, Equatable {
  /// The body is a result and can be passed on.
  case success
  /// The body is no result, or there is none.
  case failure(CallFailure)
}
