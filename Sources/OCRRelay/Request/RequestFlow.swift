internal import AMQP
internal import EventLoop
internal import Logging
internal import OCRContract
internal import RelayCore

/// One delivery on its way: carries out what its machine decides and feeds back what came of it.
///
/// Isolation: not `Sendable`; belongs to its pipeline's loop. The callbacks of the transports keep it alive.
final class RequestFlow {
  private unowned let pipeline: Pipeline
  private var delivery: Delivery
  private var request: IncomingRequest?
  private var plan: RequestPlan?
  private var machine: RequestMachine
  private var grant: TokenKeeper.Grant?
  private var answer: OCRBackend.Answer?
  private var copies = Copies()
  private(set) var isFinished = false

  /// Copies that are being published, for publishing them again.
  private struct Copies {
    var reply: OutgoingMessage?
    var deadLetter: OutgoingMessage?
    var retry: OutgoingMessage?
    var parkedReply: OutgoingMessage?
  }

  init(_ delivery: Delivery, pipeline: Pipeline) {
    self.delivery = delivery
    self.pipeline = pipeline
    machine = RequestMachine(attempts: 0, policy: pipeline.settings.retry)
  }

  var id: DeliveryID { delivery.id }

  /// Whether nothing was begun for the delivery that would be lost by giving it back.
  var isUnstarted: Bool { machine.state == .waitingForToken }

  // MARK: Steps

  /// Checks the request and takes the first step.
  func start() {
    let now = WallClock.milliseconds()
    if let defect = delivery.defect { return perform(machine.rejected(Self.failure(of: defect))) }
    let incoming: IncomingRequest
    do throws(RequestRejection) {
      incoming = try IncomingRequest(reading: delivery, now: now)
    } catch {
      return perform(machine.rejected(RequestFailure(error)))
    }
    request = incoming
    machine = RequestMachine(attempts: incoming.attempts, policy: pipeline.settings.retry)
    if let target = incoming.replyTarget, !pipeline.settings.replies.allows(target, userID: incoming.userID) {
      return perform(machine.replyForbidden(RequestFailure(code: .replyForbidden)))
    }
    do throws(RequestRejection) {
      plan = try checked(incoming)
    } catch {
      return perform(machine.rejected(RequestFailure(error)))
    }
    perform(machine.accepted())
  }

  /// The consumer's connection is gone; nothing of this delivery counts any more.
  func deliveryLost() {
    machine.deliveryLost()
    isFinished = true
  }

  /// Gives the delivery back to the broker untouched.
  func giveBack() {
    machine.deliveryLost()
    isFinished = true
    pipeline.giveBack(self)
  }

  private func checked(_ incoming: IncomingRequest) throws(RequestRejection) -> RequestPlan {
    let type = delivery.properties.type ?? ""
    let result: Result<RequestPlan, RequestRejection> = RequestView.with(
      type: type, routingKey: delivery.envelope.routingKey, contentType: delivery.properties.contentType ?? "",
      contentEncoding: delivery.properties.contentEncoding ?? "",
      options: String(decoding: incoming.options, as: UTF8.self)
    ) { view in
      do throws(RequestRejection) {
        return .success(try pipeline.settings.validator.plan(view, body: delivery.body.bytes))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static func failure(of defect: Delivery.Defect) -> RequestFailure {
    switch defect {
    case .malformedProperties:
      RequestFailure(code: .headerInvalid, detail: "The properties or headers of the message cannot be read.")
    case .oversizedBody(let size, let limit):
      RequestFailure(code: .bodyTooLarge, detail: "The body has \(size) bytes; the relay takes at most \(limit).")
    }
  }

  // MARK: Actions

  private func perform(_ action: RequestMachine.Action) {
    switch action {
    case .none: break
    case .requestToken(let generation): requestToken(newerThan: generation)
    case .call: call()
    case .publishResult: publishResult()
    case .publishFailure(let failure): publishFailure(failure)
    case .publishDeadLetter(let failure): publishDeadLetter(failure)
    case .publishRetry(let level, let attempts): publishRetry(level, attempts: attempts)
    case .postpone(let level, let attempts, let failure):
      pipeline.everyoneSuffers(failure)
      publishRetry(level, attempts: attempts)
    case .parkReply: parkReply()
    case .publishAgain(let copy): publishAgain(copy)
    case .acknowledge: acknowledge()
    }
  }

  private func requestToken(newerThan generation: TokenGeneration?) {
    if let generation { pipeline.tokens.tokenWasRefused(generation) }
    pipeline.tokens.withToken(newerThan: generation) { [self] result in
      switch result {
      case .success(let grant):
        self.grant = grant
        let isLate = request?.deadline.map { $0 <= WallClock.milliseconds() } ?? false
        perform(machine.tokenArrived(grant.generation, deadlinePassed: isLate))
      case .failure(let failure): perform(machine.tokenUnavailable(failure))
      }
    }
  }

  private func call() {
    guard let plan, let grant, let request else { return }
    pipeline.counters.calls += 1
    let remaining = request.deadline.map { Duration.milliseconds(max(1, $0 - WallClock.milliseconds())) }
    pipeline.backend.call(plan, body: delivery.body, grant: grant, request: request, timeout: remaining) {
      [self] answer in
      self.answer = answer
      if answer.reachedService { pipeline.serviceAnswered() }
      perform(machine.called(answer.outcome))
    }
  }

  private func publishResult() {
    guard let request, let plan, let answer, let body = answer.body else { return }
    pipeline.release(&delivery)
    let call = CallRecord(
      attempts: machine.attempts, milliseconds: answer.duration.saturatingNanoseconds / 1_000_000,
      requestID: answer.requestID)
    let message = pipeline.replies.result(request, api: plan.api.name, call: call, body: .buffer(body))
    copies.reply = message
    pipeline.counters.results += 1
    publish(message, as: .reply)
  }

  private func publishFailure(_ failure: RequestFailure) {
    pipeline.noteFailure(failure, api: plan?.api.name)
    let request = request ?? .unreadable(delivery)
    let reply = pipeline.replies.problem(
      request, api: plan?.api.name, failure: failure, attempts: machine.attempts)
    copies.reply = reply
    pipeline.counters.errors += 1
    publish(reply, as: .reply)
    if failure.deadLetterQueue != nil { publishCopy(failure) }
  }

  private func publishDeadLetter(_ failure: RequestFailure) {
    pipeline.noteFailure(failure, api: nil)
    publishCopy(failure)
  }

  private func publishCopy(_ failure: RequestFailure) {
    // The bytes of an oversized body were never kept; the broker still has them and dead-letters the delivery itself.
    if case .oversizedBody = delivery.defect { return perform(machine.confirmed(.deadLetter)) }
    let copy = pipeline.copies.deadLetter(
      delivery, request, failure: failure, attempts: machine.attempts, now: WallClock.milliseconds())
    copies.deadLetter = copy
    pipeline.counters.deadLetters += 1
    publish(copy, as: .deadLetter)
  }

  private func publishRetry(_ level: RetryLevel, attempts: Int) {
    guard let request else { return }
    let copy = pipeline.copies.retry(
      delivery, request, level: level, attempts: attempts, now: WallClock.milliseconds())
    copies.retry = copy
    pipeline.counters.retries += 1
    publish(copy, as: .retry)
  }

  private func parkReply() {
    guard let reply = copies.reply else { return }
    let parked = pipeline.replies.parked(reply)
    copies.parkedReply = parked
    pipeline.counters.unroutable += 1
    publish(parked, as: .parkedReply)
  }

  // MARK: Publishing

  private func publish(_ message: OutgoingMessage, as copy: RequestMachine.Pending) {
    pipeline.publisher.publish(message) { [self] outcome in
      switch outcome {
      case .confirmed: perform(machine.confirmed(copy))
      case .returned: perform(machine.returned(copy))
      case .refused: perform(machine.refused(copy))
      case .unsendable(let reason): unsendable(copy, reason)
      }
    }
  }

  /// A message that AMQP cannot carry: an answer is treated as undeliverable, a copy goes without the original headers.
  private func unsendable(_ copy: RequestMachine.Pending, _ reason: String) {
    pipeline.logger.error("a message cannot be published", metadata: ["reason": "\(reason)"])
    perform(copy == .reply ? machine.returned(copy) : machine.refused(copy))
  }

  private func publishAgain(_ copy: RequestMachine.Pending) {
    pipeline.counters.refusedPublishes += 1
    pipeline.afterRefusal { [self] in
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

  private func acknowledge() {
    isFinished = true
    copies = Copies()
    if case .oversizedBody = delivery.defect { pipeline.settle(self, .reject) } else { pipeline.settle(self, .ack) }
  }
}

extension OCRBackend.Answer {
  /// Whether the service itself answered, with whatever result: the way to it is open.
  fileprivate var reachedService: Bool {
    switch outcome {
    case .success: true
    case .failure(let failure): failure.scope == .message && body != nil
    }
  }
}

extension IncomingRequest {
  /// What can be said of a message whose properties cannot be read.
  fileprivate static func unreadable(_ delivery: Delivery) -> IncomingRequest {
    let properties = delivery.properties
    let id = properties.messageID ?? ""
    return IncomingRequest(
      messageID: id, isDerivedID: false, correlationID: properties.correlationID ?? id,
      replyTarget: properties.replyTo.flatMap { try? ReplyTarget(parsing: $0) }, userID: properties.userID,
      deadline: nil, attempts: 0, firstFailedAt: nil, replayCount: 0, traceparent: nil, tracestate: nil, options: [],
      receivedAt: WallClock.milliseconds())
  }
}
