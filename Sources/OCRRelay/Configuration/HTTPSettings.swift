/// The port for health checks and metrics.
public struct HTTPSettings: Sendable, Equatable {
  /// Address and port to listen on, `host:port`; nil switches the port off.
  public var listen: String?
  /// How long the event loop may stand still before `/livez` says that the process hangs.
  public var stallLimit = Duration.seconds(10)
}
