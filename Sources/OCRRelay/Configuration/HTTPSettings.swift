/// The port for health checks.
public struct HTTPSettings: Sendable, Equatable {
  /// Address and port to listen on, `host:port`; nil switches the port off.
  public var listen: String?
}
