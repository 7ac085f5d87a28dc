/// How a publish ended.
public enum PublishOutcome: Sendable, Hashable {
  /// The broker took responsibility for the message and some queue has it (if it was mandatory).
  case confirmed
  /// A mandatory message found no queue.
  case returned(ReturnReason)
  /// The broker refused the message (`basic.nack`), for example because a queue is full.
  case refused
  /// The message can never be sent, for this reason.
  case unsendable(String)
}
