internal import AMQP
internal import OCRContract
internal import RelayCore

/// A notice of how the request ended, for an operator who replays it.
extension RequestFlow {
  /// Remembers how the request is about to end; a retry is no end.
  func noteOutcome(_ action: RequestMachine.Action) {
    guard request.outcomeTarget != nil else { return }
    switch action {
    case .publishResult: outcome = OutcomeNotice(messageID: request.messageID, outcome: OutcomeNotice.success)
    case .publishFailure(let failure), .publishDeadLetter(let failure), .parkFailure(let failure):
      outcome = OutcomeNotice(
        messageID: request.messageID, outcome: failure.code.rawValue, deadLetter: failure.deadLetterQueue)
    case .publishRetry, .postpone: outcome = nil
    default: break
    }
  }

  /// Sends the notice, after everything that the request promises is safe. Nothing waits for it, and only a queue that a
  /// reply could go to gets one: an exchange that does not exist would cost the channel.
  func tellOutcome() {
    guard let outcome, let target = request.outcomeTarget, case .queue(let queue) = target,
      pipeline.settings.replies.allows(target, userID: request.userID)
    else { return }
    var properties = OutgoingProperties()
    properties.type = MessageType.outcome
    properties.contentType = ContentType.json.rawValue
    properties.correlationID = request.replayID
    properties.isPersistent = false
    pipeline.publisher.publish(
      OutgoingMessage(
        exchange: "", routingKey: queue, isMandatory: false, properties: properties, body: .bytes(outcome.encoded()))
    ) { _ in }
  }
}
