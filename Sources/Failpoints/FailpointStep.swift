/// The steps of a request between which the process may die.
public enum FailpointStep: String, CaseIterable, Sendable {
  /// The broker delivered a request.
  case delivered
  /// The request passed the checks.
  case validated
  /// The request has everything that a call needs, and the call begins.
  case permitTaken = "permit-taken"
  /// The call was handed to the network.
  case callSent = "call-sent"
  /// The OCR service's answer is complete.
  case answerReceived = "answer-received"
  /// The store for results has taken the answer.
  case resultStored = "result-stored"
  /// The reply was sent to the broker.
  case replyPublished = "reply-published"
  /// The broker has confirmed the reply.
  case replyConfirmed = "reply-confirmed"
  /// The acknowledgement waits to be sent.
  case ackWritten = "ack-written"
  /// The acknowledgement was sent to the broker.
  case ackFlushed = "ack-flushed"
  /// The copy for a retry level was sent to the broker.
  case retryPublished = "retry-published"
  /// The broker has confirmed the copy for a retry level.
  case retryConfirmed = "retry-confirmed"
  /// The dead copy was sent to the broker.
  case deadCopyPublished = "dead-copy-published"
  /// The broker has confirmed the dead copy.
  case deadCopyConfirmed = "dead-copy-confirmed"
  /// The answer that nobody takes was sent to the queue for such answers.
  case parkedReplyPublished = "parked-reply-published"
  /// The broker has confirmed the parked answer.
  case parkedReplyConfirmed = "parked-reply-confirmed"

  #if FAILPOINTS
    /// Whether the step is over only when the loop has sent what the turn gathered.
    var endsWithTurn: Bool {
      switch self {
      case .callSent, .replyPublished, .ackFlushed, .retryPublished, .deadCopyPublished, .parkedReplyPublished: true
      default: false
      }
    }
  #endif
}
