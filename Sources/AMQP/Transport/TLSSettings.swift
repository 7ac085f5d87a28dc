/// How to speak TLS with the broker.
public struct TLSSettings: Sendable, Hashable {
  /// PEM file with the certificate authorities to trust; nil for the system's.
  public var caFile: String?
  /// PEM file with the client's certificate chain, for mutual TLS.
  public var certificateFile: String?
  /// PEM file with the client's private key, for mutual TLS.
  public var keyFile: String?
  /// Name that the broker's certificate must carry; nil for the host that is connected to.
  public var serverName: String?
  /// Whether the client certificate replaces user and password (SASL EXTERNAL).
  public var usesCertificateIdentity: Bool

  /// TLS 1.2 or later with verification of chain and name; there is no way to switch verification off.
  public init(
    caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, serverName: String? = nil,
    usesCertificateIdentity: Bool = false
  ) {
    self.caFile = caFile
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.serverName = serverName
    self.usesCertificateIdentity = usesCertificateIdentity
  }
}
