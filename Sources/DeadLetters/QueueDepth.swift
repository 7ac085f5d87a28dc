/// How full a queue is.
public struct QueueDepth: Sendable, Equatable {
  /// Messages that nobody has taken yet.
  public var waiting: Int
  /// Programs that take messages from it.
  public var consumers: Int

  /// A depth.
  public init(waiting: Int, consumers: Int) {
    self.waiting = waiting
    self.consumers = consumers
  }
}
