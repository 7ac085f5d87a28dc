internal import OCRContract

extension LoginSetback {
  /// How long nobody logs in with a secret that was refused: longer than the fifteen minutes over which identity
  /// services count failures.
  public static let restAfterRefusal = Duration.seconds(960)

  /// What a failed login means for all processes.
  public init(_ failure: CallFailure) {
    if failure.errorClass == .authMisconfigured, failure.retry == .backoff, let wait = failure.minimumWait {
      self = .locked(wait: max(wait, Self.restAfterRefusal))
    } else if failure.scope == .credential, failure.retry == .never || failure.retry == .afterTokenRefresh {
      self = .refused(wait: Self.restAfterRefusal)
    } else {
      self = .passing
    }
  }
}
