import Console
import DeadLetters
import OCRRelay
import RelayCore
import SharedState

extension ConsoleOptions {
  /// Shorter tokens could be guessed.
  private static let shortestToken = 16

  /// The options that the settings mean. Throws when they would let nobody in, or too many.
  init(_ settings: RelayConfiguration) throws(ConsoleError) {
    let console = settings.console
    guard let folder = console.stateFolder ?? StateFolder.expected().map({ $0 + "/console" }) else {
      throw ConsoleError("console.state_folder: this user has no home; name a folder")
    }
    if let problem = StateFolder.prepare(folder) { throw ConsoleError("console.state_folder: \(problem)") }
    self.init(brokers: settings.amqp.urls.map { $0.reveal() }, stateFolder: folder)
    (host, port) = console.address
    publicURL = console.publicURL
    operateToken = try Self.token(console.operateToken, "console.operate_token")
    readToken = try Self.token(console.readToken, "console.read_token")
    if let operateToken, operateToken == readToken {
      throw ConsoleError("console.read_token: it is the same as console.operate_token; make another one")
    }
    for text in console.trustedProxies {
      guard let range = AddressRange(text) else {
        throw ConsoleError("console.trusted_proxies: \(text) is neither an address nor a range such as 10.0.0.0/8")
      }
      trustedProxies.append(range)
    }
    if operateToken == nil, readToken == nil, trustedProxies.isEmpty {
      throw ConsoleError(
        "nobody could log in: set console.operate_token (make one with openssl rand -hex 24), console.read_token or "
          + "console.trusted_proxies")
    }
    userHeader = console.userHeader
    operators = console.operators
    relays = try console.relays.map { text throws(ConsoleError) in
      guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
        throw ConsoleError("console.relays: \(text) does not begin with http:// or https://")
      }
      return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
    sampleInterval = console.sampleInterval
    workQueues = settings.amqp.consumedQueues
    desk.connectTimeout = settings.amqp.connectTimeout
    desk.heartbeat = settings.amqp.heartbeat
    desk.tls = settings.amqp.tls
  }

  private static func token(_ secret: Secret, _ name: String) throws(ConsoleError) -> String? {
    guard !secret.isEmpty else { return nil }
    let text = secret.reveal()
    guard text.utf8.count >= shortestToken else {
      throw ConsoleError("\(name): it has fewer than \(shortestToken) bytes; make one with openssl rand -hex 24")
    }
    return text
  }
}
