internal import AMQP
internal import Failpoints
internal import Logging
internal import RelayCore

/// Publishing of answers and copies, and what follows when the broker does not take one.
extension RequestFlow {
  /// Publishes the answer, or parks it at once when its target is known to take none.
  func publishReply(_ reply: OutgoingMessage) {
    copies.reply = reply
    guard pipeline.admits(reply) else { return perform(machine.replyGivenUp()) }
    publish(reply, as: .reply)
  }

  func publish(_ message: OutgoingMessage, as copy: RequestMachine.Pending) {
    pipeline.publisher.publish(message, tag: copy.rawValue, to: self)
    Failpoint.pass(copy.publishedStep)
  }

  private func confirmed(_ message: OutgoingMessage, as copy: RequestMachine.Pending) {
    Failpoint.pass(copy.confirmedStep)
    if isSetAside, copy == .retry {
      pipeline.counters.setAside += 1
    } else {
      pipeline.counters.confirmed(copy, isResult: result != nil)
    }
    if copy == .reply { pipeline.delivered(message) }
    perform(machine.confirmed(copy))
  }

  /// Our own queues come back; an answer is not tried for ever.
  private func notTaken(_ message: OutgoingMessage, as copy: RequestMachine.Pending) {
    guard copy == .reply else { return perform(machine.notTaken(copy)) }
    replyPublishes += 1
    switch pipeline.failed(message, publishes: replyPublishes) {
    case .park: perform(machine.replyGivenUp())
    case .publishAgain(let pause):
      replyPause = pause
      perform(machine.notTaken(.reply))
    }
  }

  /// The broker closed the channel for the message, because its exchange is missing or closed to the relay. An answer is
  /// not tried again then, as that would end the channel again; a copy is, until our own exchange is back.
  private func unsendable(_ message: OutgoingMessage, as copy: RequestMachine.Pending, _ reason: String) {
    pipeline.logger.error("a message cannot be published", metadata: ["reason": "\(reason)"])
    guard copy == .reply else { return perform(machine.notTaken(copy)) }
    _ = pipeline.failed(message, publishes: .max)
    perform(machine.replyGivenUp())
  }

  func publishAgain(_ copy: RequestMachine.Pending) {
    pipeline.counters.refusedPublishes += 1
    pipeline.after(copy == .reply ? replyPause : pipeline.settings.refusalPause) { [self] in
      guard !isFinished else { return }
      let messages: [(RequestMachine.Pending, OutgoingMessage?)] = [
        (.reply, copies.reply), (.deadLetter, copies.deadLetter), (.retry, copies.retry),
        (.parkedReply, copies.parkedReply),
      ]
      for (kind, message) in messages where copy.contains(kind) {
        if let message { publish(message, as: kind) }
      }
    }
  }
}

extension RequestFlow: PublishObserver {
  func settled(_ message: OutgoingMessage, tag: UInt8, _ outcome: PublishOutcome) {
    let copy = RequestMachine.Pending(rawValue: tag)
    switch outcome {
    case .confirmed: confirmed(message, as: copy)
    case .returned, .refused: notTaken(message, as: copy)
    case .unsendable(let reason): unsendable(message, as: copy, reason)
    }
  }
}

extension RelayCounters {
  /// The broker has a copy.
  fileprivate mutating func confirmed(_ copy: RequestMachine.Pending, isResult: Bool) {
    switch copy {
    case .reply where isResult: results += 1
    case .reply: errors += 1
    case .deadLetter: deadLetters += 1
    case .retry: retries += 1
    default: unroutable += 1
    }
  }
}
