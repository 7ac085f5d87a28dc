internal import RelayCore

extension RelayConfiguration {
  /// A name for the credential in names of files and keys: the same wherever the same account is used for the same
  /// service, and different otherwise. It tells nothing about the account.
  var credentialName: String {
    let hash = ContentHash()
    let parts = [
      auth.kind.rawValue, auth.kind == .accessKey ? backendEndpoint : authEndpoint, auth.accountName, auth.username,
      authProjectName, auth.kind == .accessKey ? auth.accessKey.reveal() : auth.appID,
    ]
    for part in parts { hash.update(part + "\0") }
    return hash.finish()
  }
}
