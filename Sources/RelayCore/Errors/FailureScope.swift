/// Who suffers from a failure.
public enum FailureScope: String, CaseIterable, Sendable {
  /// This request alone.
  case message
  /// Every request under these credentials: stop taking requests first, then probe.
  case credential
  /// Every request to this endpoint: stop taking requests first, then probe.
  case service
}
