public import RelayCore

/// The pages for operators, `ocr-relay console`.
public struct ConsoleSettings: Sendable, Equatable {
  /// Address and port to listen on, `host:port`.
  public var listen = "127.0.0.1:8091"
  /// Where browsers reach it, when that is not where it listens.
  public var publicURL: String?
  /// Whoever has it may operate; empty: there is none.
  public var operateToken = Secret("")
  /// Whoever has it may read; empty: there is none.
  public var readToken = Secret("")
  /// Addresses of proxies that are believed.
  public var trustedProxies: [String] = []
  /// The header in which those say who it is.
  public var userHeader = "X-Forwarded-User"
  /// Users of those that may operate.
  public var operators: [String] = []
  /// Addresses of the HTTP ports of relays.
  public var relays: [String] = []
  /// Time between two looks at relays and queues.
  public var sampleInterval = Duration.seconds(10)
  /// Folder for plans of replays and the audit log; nil means the expected one.
  public var stateFolder: String?

  /// Host and port of ``listen``.
  public var address: (host: String, port: Int) {
    let place = HostAndPort(listen)
    return (place?.host ?? "127.0.0.1", place?.port ?? 0)
  }
}
