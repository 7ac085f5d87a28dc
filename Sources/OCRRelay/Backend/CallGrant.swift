internal import HTTPTransport
internal import RelayCore

/// What a call needs to be made under a credential.
struct CallGrant {
  /// Which token or key it is; tells a refusal of an old one from that of the current one.
  var generation: TokenGeneration
  /// Headers of every call.
  var headers: HTTPHeaders
  /// The project that the credential is bound to; nil where the configuration names it.
  var projectID: String?
  /// Makes the headers of one call, where each one is signed.
  var signer: CallSigner?
}
