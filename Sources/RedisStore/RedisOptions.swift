public import SocketTransport

/// How a client of Redis behaves.
public struct RedisOptions: Sendable, Hashable {
  /// Shown in the server's list of clients; without blanks.
  public var clientName: String
  /// How long a command may take. Later answers are thrown away.
  public var budget: Duration
  /// Commands in a row without an answer in time that make the client stop asking.
  public var failuresToOpen = 5
  /// Pause between probes of a server that cannot be used.
  public var probeInterval = Duration.seconds(1)
  /// Pause between looks at an idle server that is well.
  public var checkInterval = Duration.seconds(5)
  /// The most time for name resolution, TCP, TLS and login together.
  public var connectTimeout = Duration.seconds(2)
  /// A connection whose oldest command has waited so long is given up.
  public var stallTimeout = Duration.seconds(10)
  /// The shortest and longest wait before the next attempt to connect.
  public var reconnectDelay = Duration.milliseconds(250)...Duration.seconds(2)
  /// Most commands that wait for their answers, those included whose budget is over.
  public var pendingLimit = 1_000
  /// Most bytes of commands that wait to be sent, and of one command.
  public var outputLimit = 4 << 20
  /// Most bytes of a reply.
  public var replyLimit = 4 << 20
  /// Most values of a reply, those of inner arrays included.
  public var valueLimit = 1 << 16
  /// A key that the client writes once and looks at: its loss tells that the data was flushed, and a write is the only
  /// probe that a read-only or full server fails. Nil probes without a key, and notices neither.
  public var markerKey: String?
  /// TLS, for endpoints whose URL asks for it.
  public var tls = TLSSettings()

  /// Options with defaults for a service near its server.
  public init(clientName: String = "ocr-relay", budget: Duration = .milliseconds(20), markerKey: String? = nil) {
    self.clientName = clientName
    self.budget = budget
    self.markerKey = markerKey
  }
}
