internal import OCRContract
internal import RelayCore

/// What the end of a call tells about the credential that it was made under.
enum CredentialVerdict {
  /// The service let the call in.
  case accepted
  /// The service did not believe the credential.
  case refused(CallFailure)
  /// The call never came that far.
  case unknown

  init(_ outcome: CallOutcome) {
    switch outcome {
    case .success: self = .accepted
    case .failure(let failure):
      if failure.retry == .afterTokenRefresh || failure.errorClass == .authMisconfigured {
        self = .refused(failure)
      } else {
        // Who is in is told so by the service itself; the gateway throttles and fails before it looks.
        self = failure.scope == .message && failure.backend.httpStatus != nil ? .accepted : .unknown
      }
    }
  }
}

extension CallFailure {
  /// How long requests wait at most before somebody looks again whether the credential has been mended. Looking costs
  /// neither a login nor a call.
  static let longestCredentialWait = Duration.seconds(10)

  /// Whether account or key is locked: it passes by itself, and each try prolongs it.
  var isLock: Bool { errorClass == .authMisconfigured && retry == .backoff && minimumWait != nil }

  /// The token store is away, and logging in without it would end the token of the other processes.
  static var missingTokenStore: CallFailure {
    CallFailure(
      code: .backendUnreachable, retry: .backoff, scope: .credential,
      backend: BackendFault(domain: "relay", billed: .no),
      advice: "The token store cannot be reached, and a login without it would end the token of other relays: "
        + "bring the store back.")
  }

  /// What a login that was not even tried means for requests.
  static func blockedCredential(_ reason: TokenReply.BlockReason) -> CallFailure {
    let advice =
      switch reason {
      case .refused:
        "The credential was refused before and is not tried again for now, because further tries lock the account: "
          + "correct it; a corrected one is taken up at once."
      case .locked: "The account or key is locked: it is left alone until the lock has passed."
      case .budget:
        "Several logins led to nothing, so no more are made for a quarter of an hour: check region, project and "
          + "permissions of the user; ocr-relay doctor auth tells which of them is wrong."
      }
    return CallFailure(
      code: .authMisconfigured, retry: .never, scope: .credential,
      backend: BackendFault(domain: "relay", billed: .no), advice: advice)
  }
}
