internal import HTTPTransport
internal import RelayCore

/// What a call needs to be made under a credential. A class, so that it travels for the price of one reference count.
final class CallGrant {
  /// Which token or key it is; tells a refusal of an old one from that of the current one.
  let generation: TokenGeneration
  /// Headers of every call.
  let headers: HTTPHeaders
  /// The project that the credential is bound to; nil where the configuration names it.
  let projectID: String?
  /// Makes the headers of one call, where each one is signed.
  let signer: CallSigner?

  init(generation: TokenGeneration, headers: HTTPHeaders, projectID: String?, signer: CallSigner?) {
    self.generation = generation
    self.headers = headers
    self.projectID = projectID
    self.signer = signer
  }
}
