/// The OCR service.
public struct BackendSettings: Sendable, Equatable {
  /// Which kind of service; goes into replies and dead letters.
  public enum Name: String, Sendable, CaseIterable {
    /// Huawei Cloud OCR.
    case huawei
  }

  /// Which kind of service.
  public var name = Name.huawei
  /// Region of the service.
  public var region = "cn-north-4"
  /// Address of the service; nil means the service's own address in the region.
  public var endpoint: String?
  /// Project of the calls; nil means the project that the token belongs to.
  public var projectID: String?
  /// Enterprise project that the calls are charged to.
  public var enterpriseProjectID: String?
  /// Whether `http://` is allowed for an address outside this machine. Tokens and images then travel unprotected.
  public var allowsPlainHTTP = false
  /// Authorities for `https`, as PEM; nil means those of the system.
  public var caFile: String?
  /// A proxy for all calls; nil means a direct connection, whatever the environment says.
  public var proxy: String?
  /// Bound for connecting, TLS included.
  public var connectTimeout = Duration.seconds(5)
  /// Bound for a whole call.
  public var totalTimeout = Duration.seconds(60)
  /// A call slower than this for ``lowSpeedTime`` is given up, in bytes a second.
  public var lowSpeedLimit = 1
  /// How long a call may be that slow. Recognition itself sends nothing, so this must be longer than it takes.
  public var lowSpeedTime = Duration.seconds(30)
  /// Largest answer that is taken, in bytes.
  public var responseLimit = 16 << 20
  /// Most connections to the service at the same time.
  public var maximumConnections = 64
}

extension RelayConfiguration {
  /// The address of the OCR service, without a slash at the end.
  public var backendEndpoint: String {
    backend.endpoint ?? "https://ocr.\(backend.region).myhuaweicloud.com"
  }

  /// The address of the identity service, without a slash at the end.
  public var authEndpoint: String {
    auth.endpoint ?? "https://iam.\(backend.region).myhuaweicloud.com"
  }

  /// The project that tokens are asked for.
  public var authProjectName: String { auth.projectName ?? backend.region }
}
