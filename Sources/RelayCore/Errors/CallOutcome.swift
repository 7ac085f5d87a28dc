/// How a call ended. A failure lies in a box of its own, so that the usual outcome is carried around as one word.
public enum CallOutcome: Sendable, Equatable {
  /// The body is a result and can be passed on.
  case success
  /// The body is no result, or there is none.
  indirect case failure(CallFailure)
}
