/// Which reply targets the relay writes to. Without a match nothing is sent: nobody may use the relay to write into
/// a queue that is not theirs.
///
/// A pattern without a slash is for queues and direct reply-to, one with a slash is `exchange/routing-key`. `*` stands
/// for any run of characters, also none; in an exchange pattern it does not reach over the slash. `{user_id}` stands for
/// the publisher that the broker has proven; a pattern with it matches no message without `user_id`.
///
/// The relay's own queues and exchanges are never allowed, whatever the patterns say.
public struct ReplyPolicy: Sendable, Equatable {
  /// Patterns used when nothing is configured: direct reply-to, queues named by the broker, and `ocr.reply.…`.
  public static let defaultPatterns = ["amq.rabbitmq.reply-to.*", "amq.gen-*", "ocr.reply.*"]

  private let queues: [Glob]
  private let exchanges: [ExchangePattern]

  private struct ExchangePattern: Sendable, Equatable {
    var exchange: Glob
    var routingKey: Glob
  }

  /// Makes a policy of patterns. An empty list allows nothing.
  public init(allowing patterns: [String] = ReplyPolicy.defaultPatterns) {
    var queues: [Glob] = []
    var exchanges: [ExchangePattern] = []
    for pattern in patterns {
      let bytes = Array(pattern.utf8)
      let isDirect = bytes.starts(with: ReplyTarget.directPrefix.utf8)
      if !isDirect, let slash = bytes.firstIndex(of: UInt8(ascii: "/")) {
        exchanges.append(ExchangePattern(exchange: Glob(bytes[..<slash]), routingKey: Glob(bytes[(slash + 1)...])))
      } else {
        queues.append(Glob(bytes))
      }
    }
    self.queues = queues
    self.exchanges = exchanges
  }

  /// Whether the relay may publish to the target.
  ///
  /// - Parameter userID: the message property `user_id`, which the broker verifies.
  public func allows(_ target: ReplyTarget, userID: String? = nil) -> Bool {
    switch target {
    case .directReplyTo(let name): return queues.contains { $0.matches(name, userID: userID) }
    case .queue(let name):
      return !QueueName.isReserved(name) && queues.contains { $0.matches(name, userID: userID) }
    case .exchange(let exchange, let routingKey):
      return !ExchangeName.isReserved(exchange)
        && exchanges.contains {
          $0.exchange.matches(exchange, userID: userID) && $0.routingKey.matches(routingKey, userID: userID)
        }
    }
  }
}
