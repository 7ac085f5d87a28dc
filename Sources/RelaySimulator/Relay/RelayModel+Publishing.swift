internal import OCRContract
internal import RelayCore

extension RelayModel {
  func publish(_ flow: Int, _ kind: RequestMachine.Pending) {
    if kind == .reply, !breaker.admits(target(flow), now: now) {
      return perform(flows[flow].machine.replyGivenUp(), flow)
    }
    let delivery = flows[flow].delivery
    submit(
      Publication(
        delivery: delivery, request: stage.deliveries[delivery].request, kind: kind,
        attempts: flows[flow].machine.attempts), flow)
  }

  func publishRetry(_ flow: Int, _ pause: RetryPause, _ attempts: Int) {
    let delivery = flows[flow].delivery
    let request = stage.deliveries[delivery].request
    var copy = Publication(delivery: delivery, request: request, kind: .retry, attempts: attempts)
    var level = pause.level
    if let deadline = stage.scenario.requests[request].deadline {
      level = min(level, .covering(.milliseconds(max(0, deadline - stage.now))))
    }
    copy.stay = level.delay.wholeMilliseconds
    copy.firstFailedAt = firstFailure(of: delivery) ?? stage.now
    if plant != .demandedWaitCut { copy.notBefore = pause.atLeast.map { stage.now + $0.wholeMilliseconds } }
    submit(copy, flow)
  }

  private func firstFailure(of delivery: Int) -> Int? {
    let message = stage.messages[stage.deliveries[delivery].message]
    return message.isRetry ? message.firstFailedAt : nil
  }

  private func submit(_ copy: Publication, _ flow: Int) {
    guard isAlive else { return }
    let publication = stage.add(copy)
    flows[flow].keep(publication, as: copy.kind)
    submit(publication)
  }

  private func submit(_ publication: Int) {
    guard let link = publishLink, !isBlocked, waiting.isEmpty else { return waiting.append(publication) }
    sendOut(publication, link)
  }

  private func sendOut(_ publication: Int, _ link: Int) {
    guard send(link, .published(connection: link, publication: publication)) else { return }
    stage.trace("relay \(index) publishes \(stage.publications[publication].text)")
    stage.audit.sent(stage.publications[publication])
    unconfirmed.append(publication)
  }

  func sendWaiting() {
    let messages = waiting
    waiting.removeAll()
    for (position, publication) in messages.enumerated() {
      guard let link = publishLink, !isBlocked else { return waiting.append(contentsOf: messages[position...]) }
      sendOut(publication, link)
    }
  }

  /// The publishing connection is gone: what was not confirmed is published again over the next one.
  func publisherLost() {
    for publication in unconfirmed { stage.audit.fateUnknown(stage.publications[publication]) }
    if plant != .unconfirmedForgotten { waiting = unconfirmed + waiting }
    unconfirmed.removeAll()
  }

  func publishSettled(_ connection: Int, _ publication: Int, _ result: PublishResult) {
    guard connection == publishLink, let position = unconfirmed.firstIndex(of: publication) else { return }
    unconfirmed.remove(at: position)
    let copy = stage.publications[publication]
    stage.audit.heard(copy, result)
    let flow = stage.deliveries[copy.delivery].flow
    switch result {
    case .confirmed:
      if copy.kind == .reply { breaker.delivered(to: target(flow)) }
      perform(flows[flow].machine.confirmed(copy.kind), flow)
    case .returned where plant == .returnIgnored && copy.kind == .reply:
      perform(flows[flow].machine.confirmed(.reply), flow)
    case .returned, .refused: notTaken(flow, copy.kind)
    }
  }

  private func notTaken(_ flow: Int, _ kind: RequestMachine.Pending) {
    guard kind == .reply else { return perform(flows[flow].machine.notTaken(kind), flow) }
    flows[flow].replyFailures += 1
    switch breaker.failed(target(flow), publishes: flows[flow].replyFailures, now: now) {
    case .park where plant != .replyTriedForEver: perform(flows[flow].machine.replyGivenUp(), flow)
    case .park: perform(flows[flow].machine.notTaken(.reply), flow)
    case .publishAgain(let pause):
      flows[flow].replyPause = pause.wholeMilliseconds
      perform(flows[flow].machine.notTaken(.reply), flow)
    }
  }

  /// A few requesters share the requests of a run.
  private func target(_ flow: Int) -> ReplyBreaker.Target {
    .init(exchange: "", routingKey: "\(stage.deliveries[flows[flow].delivery].request % 3)")
  }

  /// A confirm did not come in time: the connection counts as broken.
  func confirmOverdue(_ connection: Int, _ publication: Int) {
    guard connection == publishLink, unconfirmed.contains(publication) else { return }
    stage.sever(connection, relayNotices: 0, brokerNotices: 10)
  }

  func blockedChanged(_ connection: Int, _ isBlocked: Bool) {
    guard connection == publishLink else { return }
    self.isBlocked = isBlocked
    sendWaiting()
    publisherIsAvailable()
  }

  func publishAgain(_ flow: Int, _ copies: RequestMachine.Pending) {
    let pause = copies == .reply ? flows[flow].replyPause : 1_000
    stage.plan(.refusalPauseEnds(delivery: flows[flow].delivery, copy: copies.rawValue), after: pause)
  }

  func refusalPauseEnded(_ delivery: Int, _ copies: RequestMachine.Pending) {
    let flow = stage.deliveries[delivery].flow
    guard !flows[flow].isFinished else { return }
    for kind in [RequestMachine.Pending.reply, .deadLetter, .retry, .parkedReply] where copies.contains(kind) {
      submit(flows[flow].publication(kind))
    }
  }
}
