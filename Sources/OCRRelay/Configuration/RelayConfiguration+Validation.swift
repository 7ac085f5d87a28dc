public import OCRContract
public import RelayCore

extension RelayConfiguration {
  /// The checks of requests, as configured.
  public var validationPolicy: ValidationPolicy {
    ValidationPolicy(
      url: URLPolicy(
        isAllowed: url.isAllowed, allowsHTTP: url.allowsHTTP, allowsAddressLiterals: url.allowsAddressLiterals,
        allowedHosts: url.allowedHosts, trustedPrivateHosts: url.privateHosts, maxBytes: url.maximumBytes),
      documentedLimits: limits.documented == .enforce ? .enforce : .leaveToService,
      unrecognisedImages: limits.unrecognisedImages == .forward ? .forward : .reject,
      maxBodyBytes: limits.bodyBytes)
  }

  /// The reply targets that requests may name, as configured.
  public var replyPolicy: ReplyPolicy { ReplyPolicy(allowing: replies.allow) }
}
