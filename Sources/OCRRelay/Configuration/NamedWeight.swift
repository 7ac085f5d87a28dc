/// How much of the rate a publisher, or a queue, gets compared with others.
public struct NamedWeight: Sendable, Equatable {
  /// The publisher, which is the `user_id` of its messages; or the name of the queue.
  public var name: String
  /// Calls in one turn, from 1 to 1000.
  public var weight: Int

  /// A name and its weight.
  public init(name: String, weight: Int) {
    self.name = name
    self.weight = weight
  }

  /// Reads `name=weight`; nil when the text is something else.
  public init?(_ text: String) {
    guard let separator = text.lastIndex(of: "="), let weight = Int(text[text.index(after: separator)...]),
      (1...1000).contains(weight), separator > text.startIndex
    else { return nil }
    name = String(text[..<separator])
    self.weight = weight
  }

  /// `name=weight`.
  public var text: String { "\(name)=\(weight)" }
}
