/// How to speak TLS with a server.
public struct TLSSettings: Sendable, Hashable {
  /// PEM file with the certificate authorities to trust; nil for the system's.
  public var caFile: String?
  /// PEM file with the client's certificate chain, for mutual TLS.
  public var certificateFile: String?
  /// PEM file with the client's private key, for mutual TLS.
  public var keyFile: String?
  /// Name that the server's certificate must carry; nil for the host that is connected to.
  public var serverName: String?

  /// TLS 1.2 or later with verification of chain and name; there is no way to switch verification off.
  public init(
    caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, serverName: String? = nil
  ) {
    self.caFile = caFile
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.serverName = serverName
  }
}
