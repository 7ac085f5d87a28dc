/// How an ``HTTPClient`` connects, how long it waits and how much it accepts.
///
/// Nothing else is consulted: proxy variables of the environment and `.netrc` are ignored.
public struct HTTPClientConfiguration: Sendable {
  /// The longest time for name lookup, TCP and TLS together.
  public var connectTimeout: Duration = .seconds(3)
  /// The longest time for a whole call, from `start` to the last byte of the answer.
  public var totalTimeout: Duration = .seconds(60)
  /// A call slower than this many bytes per second, in both directions together, for ``lowSpeedDuration`` is ended.
  public var lowSpeedBytesPerSecond = 1024
  /// See ``lowSpeedBytesPerSecond``. The time in which the server thinks counts as slow, so this must be longer than
  /// the slowest answer takes. Counted in whole seconds; zero turns the check off.
  public var lowSpeedDuration: Duration = .seconds(30)
  /// The largest response body in bytes; the call is ended as soon as more is announced or arrives.
  public var responseBodyLimit = 8 << 20
  /// The largest sum of response header bytes. IAM tokens arrive in a header and have up to 9 KB.
  public var responseHeaderLimit = 256 << 10
  /// The most calls on the wire, hence connections, at any time. Further calls wait in the client.
  public var maximumConnections = 64
  /// The most calls that wait for a connection; more fail at once with `resourceExhausted`.
  public var maximumWaitingCalls = 1024
  /// A connection idle for longer is not used again. Must be shorter than the server's keep-alive time.
  public var connectionIdleLimit: Duration = .seconds(20)
  /// A connection older than this is not used again, so that changes of DNS take effect.
  public var connectionLifetime: Duration = .seconds(300)
  /// Bytes that the peer's TCP does not acknowledge for this long end the connection (`TCP_USER_TIMEOUT`).
  public var unacknowledgedLimit: Duration = .seconds(15)
  /// A file of PEM certificates that are trusted instead of the system's; `nil` trusts the system's.
  /// A changed file is read within an hour.
  public var caFile: String?
  /// The URL of a proxy, or `nil` for none.
  public var proxy: String?
  /// Allows `http://` targets. For tests and for servers on the same host only: tokens travel in the clear.
  public var allowPlainHTTP = false
  /// The value of the `User-Agent` header.
  public var userAgent = "ocr-relay"

  /// The defaults.
  public init() {}
}
