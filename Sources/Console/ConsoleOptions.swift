public import DeadLetters

/// How a console works.
public struct ConsoleOptions: Sendable {
  /// Address to listen on.
  public var host = "127.0.0.1"
  /// Port to listen on; 0 takes a free one.
  public var port = 8091
  /// Where people reach it, `https://console.example.com`, when that is not where it listens; nil otherwise.
  public var publicURL: String?
  /// Who has it may operate; nil: nobody can with a token.
  public var operateToken: String?
  /// Who has it may read; nil: nobody can with a token.
  public var readToken: String?
  /// Proxies that are believed when they say who a request comes from.
  public var trustedProxies: [AddressRange] = []
  /// The header in which they say it.
  public var userHeader = "X-Forwarded-User"
  /// Users of those proxies that may operate; the others may read.
  public var operators: [String] = []
  /// Addresses of the HTTP ports of relays; a name that stands for several hosts is asked for each.
  public var relays: [String] = []
  /// Time between two looks at relays and queues.
  public var sampleInterval = Duration.seconds(10)
  /// Folder for plans of replays and the audit log.
  public var stateFolder: String
  /// Addresses of brokers.
  public var brokers: [String]
  /// How they are reached.
  public var desk = DeskOptions()
  /// The queues that the relays take requests from.
  public var workQueues = ["ocr.requests"]

  /// A console for these brokers that keeps its state in a folder.
  public init(brokers: [String], stateFolder: String) {
    self.brokers = brokers
    self.stateFolder = stateFolder
  }
}
