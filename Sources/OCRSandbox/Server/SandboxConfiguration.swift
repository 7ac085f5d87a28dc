import FoundationEssentials

/// How a sandbox behaves.
public struct SandboxConfiguration: Sendable {
  /// Address to listen on.
  public var host = "127.0.0.1"
  /// Port to listen on; 0 takes a free one.
  public var port = 0
  /// Who may get tokens.
  public var accounts = [Account(user: "demo", password: "demo-password", domain: "demo")]
  /// Who may call without an account.
  public var keys = SandboxKeys()
  /// How long a token lives, in seconds.
  public var tokenLifetimeSeconds = 86_400.0
  /// The rate limit that holds from the start, or nil.
  public var limit: RateLimit?
  /// How many OCR calls may run at once, or nil for no bound.
  public var concurrencyLimit: Int?
  /// True answers without reading the picture.
  public var isInstant = false
  /// Number of Tesseract engines.
  public var engines = 1
  /// True lets `url` point to this machine; nothing else is ever fetched.
  public var allowsLoopbackURLs = false
  /// True opens the control endpoints to other machines.
  public var allowsRemoteControl = false
  /// Seconds since the epoch; tests put their own clock here.
  public var now: @Sendable () -> Double = { Date().timeIntervalSince1970 }

  /// A sandbox on a free port of this machine, with the account `demo`.
  public init() {}
}
