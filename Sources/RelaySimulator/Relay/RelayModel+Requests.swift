internal import OCRContract
internal import RelayCore

extension RelayModel {
  /// Takes a delivery and makes the first step.
  func take(_ delivery: Int) {
    let record = stage.deliveries[delivery]
    guard record.connection == consumeLink else { return }
    stage.trace("relay \(index) takes delivery \(delivery) (request \(record.request), tag \(record.tag))")
    let message = stage.messages[record.message]
    let wear = wear(of: message)
    guard takesWork || wear != .fresh else { return settle(delivery, .giveBack) }
    let script = stage.scenario.requests[record.request]
    stage.audit.taken(delivery)
    if script.isPoison, wear != .nearlyPoison { return dieOfPoison(delivery) }
    let machine = RequestMachine(
      attempts: believedAttempts(message), policy: stage.scenario.policy, age: age(of: message))
    flows.append(Flow(machine: machine, delivery: delivery))
    let flow = flows.count - 1
    stage.deliveries[delivery].flow = flow
    inWork.append(flow)
    if wear == .nearlyPoison { endAsPoison(flow, script) } else { begin(flow, script) }
    watchStart(message)
  }

  private func dieOfPoison(_ delivery: Int) {
    for case let other? in stage.connections[stage.deliveries[delivery].connection].tags where other != delivery {
      stage.audit.struckByPoison(other)
    }
    kill()
  }

  private func endAsPoison(_ flow: Int, _ script: RequestScript) {
    stage.audit.toldPoison(flows[flow].delivery)
    let failure = RequestFailure(code: .poison)
    if script.target == .forbidden {
      perform(flows[flow].machine.replyForbidden(failure), flow)
    } else {
      perform(flows[flow].machine.rejected(failure), flow)
    }
  }

  /// After a start, one message at a time until those that came again and again are through.
  private func watchStart(_ message: Message) {
    guard slowStart.delivered(isRedelivered: message.returns > 0, earlierDeliveries: Int64(message.returns)) else {
      return
    }
    cancelConsumer()
    consumeAnew()
  }

  /// The attempts of earlier deliveries, as far as the message may be believed.
  private func believedAttempts(_ message: Message) -> Int {
    guard message.isRetry || plant == .attemptHeaderTrusted else { return 0 }
    return min(max(0, message.attempts ?? 0), 1_000_000)
  }

  private func age(of message: Message) -> Duration {
    guard message.isRetry, let firstFailedAt = message.firstFailedAt else { return .zero }
    return .milliseconds(stage.now - firstFailedAt)
  }

  private func begin(_ flow: Int, _ script: RequestScript) {
    if script.target == .forbidden {
      return perform(flows[flow].machine.replyForbidden(RequestFailure(code: .replyForbidden)), flow)
    }
    if let wait = remainingWait(flow, script) { return perform(flows[flow].machine.tooEarly(by: wait), flow) }
    if script.isInvalid { return perform(flows[flow].machine.rejected(RequestFailure(code: .imageMissing)), flow) }
    guard takesWork else { return replaced(flow) }
    perform(flows[flow].machine.accepted(keepsResults: plant != .resultsNotKept), flow)
  }

  private func remainingWait(_ flow: Int, _ script: RequestScript) -> Duration? {
    let message = stage.messages[stage.deliveries[flows[flow].delivery].message]
    guard message.isRetry, let notBefore = message.notBefore, notBefore > stage.now,
      script.deadline.map({ $0 > stage.now }) ?? true
    else { return nil }
    return .milliseconds(notBefore - stage.now)
  }

  // MARK: Actions

  func perform(_ action: RequestMachine.Action, _ flow: Int) {
    switch action {
    case .none: break
    case .askForResult: askForResult(flow)
    case .requestToken(let generation):
      if let generation { lifecycle.tokenWasRefused(generation) }
      withToken(.flow(flow, newerThan: generation))
    case .takePermit: takePermit(flow)
    case .call: call(flow)
    case .publishResult: publish(flow, .reply)
    case .publishFailure(let failure):
      if let call = failure.call {
        stage.audit.gaveUp(flows[flow].delivery, call)
        if failure.isShared, plant != .sharedFailureIgnored { everyoneSuffers(call) }
      }
      publish(flow, .reply)
      if failure.deadLetterQueue != nil { publish(flow, .deadLetter) }
    case .publishDeadLetter: publish(flow, .deadLetter)
    case .publishRetry(let pause, let attempts): publishRetry(flow, pause, attempts)
    case .postpone(let pause, let attempts, let failure):
      everyoneSuffers(failure)
      publishRetry(flow, pause, attempts)
    case .parkReply, .parkFailure: publish(flow, .parkedReply)
    case .publishAgain(let copies): publishAgain(flow, copies)
    case .acknowledge: acknowledge(flow)
    }
    if flows.indices.contains(flow), flows[flow].machine.isDecided { endSharedCall(flow, hasResult: false) }
    acknowledgeEarly(action, flow)
  }

  /// The bugs that acknowledge before they may.
  private func acknowledgeEarly(_ action: RequestMachine.Action, _ flow: Int) {
    switch (plant, action) {
    case (.ackBeforeConfirm, .publishResult), (.ackBeforeConfirm, .publishFailure),
      (.retryAckedEarly, .publishRetry), (.retryAckedEarly, .postpone):
      acknowledge(flow)
    default: break
    }
  }

  func granted(_ flow: Int, _ generation: TokenGeneration, _ token: Int) {
    guard publishLink != nil, !isBlocked else { return waitingForPublisher.append((flow, generation, token)) }
    proceed(flow, generation, token)
  }

  func publisherIsAvailable() {
    guard publishLink != nil, !isBlocked else { return }
    let waiting = waitingForPublisher
    waitingForPublisher.removeAll()
    for entry in waiting { proceed(entry.flow, entry.generation, entry.token) }
  }

  private func proceed(_ flow: Int, _ generation: TokenGeneration, _ token: Int) {
    flows[flow].token = token
    perform(flows[flow].machine.tokenArrived(generation, deadlinePassed: isLate(flow)), flow)
  }

  private func isLate(_ flow: Int) -> Bool {
    let request = stage.deliveries[flows[flow].delivery].request
    return plant != .deadlineIgnored && stage.scenario.requests[request].deadline.map { $0 <= stage.now } ?? false
  }

  // MARK: Permits

  /// Calls are made at once, unless one was throttled or enough are under way: then everybody waits.
  private func takePermit(_ flow: Int) {
    let delivery = flows[flow].delivery
    let pause = pausedUntil - stage.now
    guard pause <= stage.scenario.longPause else {
      return perform(
        flows[flow].machine.permitUnavailable(for: .milliseconds(pause), deadlinePassed: isLate(flow)), flow)
    }
    permitArrived(delivery)
  }

  func permitArrived(_ delivery: Int) {
    let flow = stage.deliveries[delivery].flow
    guard publishLink != nil, !isBlocked, pausedUntil <= stage.now, callsUnderWay < stage.scenario.callsAtOnce else {
      return stage.plan(.permitArrives(delivery: delivery), at: max(pausedUntil, stage.now + 100))
    }
    perform(flows[flow].machine.permitArrived(deadlinePassed: isLate(flow)), flow)
  }

  private func noteThrottle(_ sample: FailureSample?) {
    guard let sample, sample.failure.retry == .backoffWithRateCut else { return }
    pausedUntil = max(pausedUntil, stage.now + max(sample.demandedWait, 2_000))
    if pausedUntil - stage.now > stage.scenario.longPause { pause(until: pausedUntil) }
  }

  private func call(_ flow: Int) {
    guard step() else { return }
    callsUnderWay += 1
    let delivery = flows[flow].delivery
    stage.trace("relay \(index) calls for request \(stage.deliveries[delivery].request)")
    stage.audit.callSent(
      delivery, relay: index, token: flows[flow].token,
      isConnected: stage.deliveries[delivery].connection == consumeLink)
    stage.calls.append(Call(delivery: delivery, relay: index, incarnation: incarnation, token: flows[flow].token))
    stage.plan(.callArrives(stage.calls.count - 1), after: stage.random.below(10))
  }

  func callEnded(_ call: Int) {
    let record = stage.calls[call]
    callsUnderWay -= 1
    let flow = stage.deliveries[record.delivery].flow
    stage.trace(
      "request \(stage.deliveries[record.delivery].request): \(record.failure.map { "\($0)" } ?? "result")")
    stage.audit.callLeft(stage.deliveries[record.delivery].request, relay: index)
    noteThrottle(record.failure)
    if reachedService(record.failure) { serviceAnswered() }
    let isShared = record.failure.map { gate.isShared($0.failure) } ?? false
    let relay = isClosed || flows[flow].isFinished ? nil : index
    stage.audit.callEnded(record.delivery, relay: relay, token: record.token, record.failure, isShared: isShared)
    if record.failure == nil { keepResult(flow) }
    if plant == .unauthorizedLoop, let failure = record.failure, failure.refusesToken { return self.call(flow) }
    let outcome: CallOutcome = record.failure.map { .failure($0.failure) } ?? .success
    let later = record.failure == nil ? 0 : stage.random.below(3)
    perform(flows[flow].machine.called(outcome, isShared: isShared, later: later), flow)
  }

  private var isClosed: Bool {
    if case .closed = gate.state { true } else { false }
  }

  private func reachedService(_ failure: FailureSample?) -> Bool {
    failure.map { $0.hasBody && $0.failure.scope == .message } ?? true
  }
}
