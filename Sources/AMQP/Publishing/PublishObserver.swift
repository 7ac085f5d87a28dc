/// Who is told what became of the messages that it published: an object that exists anyway, where a closure for each
/// message would have to be made.
///
/// Isolation: called on the publisher's loop.
public protocol PublishObserver: AnyObject {
  /// A message is settled. `tag` is the observer's own, given when it published.
  func settled(_ message: OutgoingMessage, tag: UInt8, _ outcome: PublishOutcome)
}
