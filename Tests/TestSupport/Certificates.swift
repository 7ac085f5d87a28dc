/// Certificates for servers and clients on this machine, made anew in a folder of a test: an authority, certificates
/// for a server (right name, wrong name, expired) and for a client, and an authority that signed none of them.
public struct Certificates: Sendable {
  /// The folder with the files.
  public let folder: String

  /// The authority.
  public var authority: String { folder + "/ca.pem" }
  /// An authority that signed nothing.
  public var otherAuthority: String { folder + "/other-ca.pem" }
  /// For `localhost` and the loopback addresses.
  public var server: Pair { pair("server") }
  /// Signed by the authority for another name.
  public var wrongHost: Pair { pair("wrong-host") }
  /// Signed by the authority, no longer valid.
  public var expired: Pair { pair("expired") }
  /// For mutual TLS.
  public var client: Pair { pair("client") }

  /// A certificate and its key.
  public struct Pair: Sendable {
    /// PEM file with the certificate.
    public let certificate: String
    /// PEM file with its key.
    public let key: String
  }

  /// Makes them with `openssl`.
  public static func make(in folder: String) async throws -> Certificates {
    try await ChildProcess.run(Repository.path("docker/dev/certificates.sh"), [folder])
    return Certificates(folder: folder)
  }

  private func pair(_ name: String) -> Pair { Pair(certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key") }
}
