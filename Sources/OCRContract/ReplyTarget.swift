/// Where an answer goes, read from the message property `reply_to`.
public enum ReplyTarget: Sendable, Hashable {
  /// RabbitMQ's direct reply-to: the whole name, as the broker wrote it.
  case directReplyTo(String)
  /// A queue, reached through the default exchange.
  case queue(String)
  /// An exchange and a routing key, which may be empty.
  case exchange(String, routingKey: String)

  /// Why a `reply_to` cannot be used.
  public enum Invalid: String, Error, Sendable, CaseIterable {
    case empty = "reply_to is empty."
    case tooLong = "reply_to is longer than 255 bytes."
    case forbiddenCharacter = "reply_to contains a control or invisible character, or is not valid UTF-8."
    case emptyExchange = "reply_to names no exchange before the slash; write a queue name without a slash instead."
    case bareDirectReplyTo = "reply_to is the bare direct reply-to name, which only the broker can complete."
  }

  /// What the names of direct reply-to begin with.
  public static let directPrefix = "amq.rabbitmq.reply-to."

  /// Longest `reply_to` in bytes: a short string of AMQP.
  public static let maximumBytes = 255

  /// Reads a `reply_to`. Direct reply-to is recognised first, because its names may contain slashes; otherwise the
  /// first slash separates exchange and routing key. An empty exchange is refused: it would be a second spelling of a
  /// queue name, and policies are easier to get right with one spelling for each target.
  public init(parsing text: String) throws(Invalid) {
    guard !text.isEmpty else { throw .empty }
    guard text.utf8.count <= Self.maximumBytes else { throw .tooLong }
    // Printable ASCII, as good as every name is, needs no look into the tables of Unicode.
    var text = text
    guard text.withUTF8(Self.isPrintable) || text.unicodeScalars.allSatisfy(Self.isAllowed) else {
      throw .forbiddenCharacter
    }
    if text.utf8.starts(with: Self.directPrefix.utf8) {
      guard text.utf8.count > Self.directPrefix.utf8.count else { throw .bareDirectReplyTo }
      self = .directReplyTo(text)
      return
    }
    let isBare = text.utf8.count == Self.directPrefix.utf8.count - 1 && Self.directPrefix.utf8.starts(with: text.utf8)
    guard !isBare else { throw .bareDirectReplyTo }
    // By byte: a combining mark after the slash would hide it from a search by character.
    guard let place = text.withUTF8({ $0.firstIndex(of: UInt8(ascii: "/")) }) else {
      self = .queue(text)
      return
    }
    guard place > 0 else { throw .emptyExchange }
    let slash = text.utf8.index(text.startIndex, offsetBy: place)
    self = .exchange(
      String(text.unicodeScalars[..<slash]), routingKey: String(text.unicodeScalars[slash...].dropFirst()))
  }

  private static func isPrintable(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    for byte in bytes where byte < 0x20 || byte >= 0x7F { return false }
    return true
  }

  /// Refuses characters that make two different names look alike or break logs: controls, line and paragraph
  /// separators, invisible and direction marks, and the sign for text that was not UTF-8.
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
    default: scalar != "\u{FFFD}"
    }
  }
}
