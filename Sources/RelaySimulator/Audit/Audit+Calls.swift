internal import OCRContract
internal import RelayCore

extension Audit {
  func callSent(_ delivery: Int, relay: Int, token: Int, isConnected: Bool) {
    let book = deliveries[delivery]
    let script = requests[book.request].script
    if book.calls == 0 { begins(delivery, relay) }
    expect(isConnected, .callsOnce, "a call for delivery \(delivery), whose connection is known to be lost")
    expect(book.required.isEmpty, .callsOnce, "a call for delivery \(delivery), whose outcome is decided")
    let isRepeat = book.calls == book.throttled + 1 && book.refusedToken != nil && book.refusedToken != token
    expect(book.calls == book.throttled || isRepeat, .callsOnce, "call \(book.calls + 1) for delivery \(delivery)")
    expect(
      now >= resultsUntil[relay]?[book.request] ?? 0, .callsOnce,
      "relay \(relay) calls for request \(book.request), whose result it has")
    expect(
      (callsUnderWay[relay]?[book.request] ?? 0) == 0, .callsOnce,
      "relay \(relay) calls for request \(book.request) while it does so already")
    callsUnderWay[relay, default: [:]][book.request, default: 0] += 1
    expect(
      script.deadline.map { now < $0 } ?? true, .deadlineKept, "request \(book.request) is called after its deadline")
    expect(
      now >= book.past.notBefore, .waitKept,
      "request \(book.request) is called \(book.past.notBefore - now) ms before the wait was over")
    if book.isDisrupted, book.calls == 0 { requests[book.request].disruptedCalls += 1 }
    deliveries[delivery].calls += 1
    counts.calls += 1
  }

  /// A relay has a result that it keeps.
  func resultKept(_ request: Int, relay: Int) {
    resultsUntil[relay, default: [:]][request] = now + resultLifetime
  }

  /// A call of a living relay ended.
  func callLeft(_ request: Int, relay: Int) {
    callsUnderWay[relay]?[request, default: 1] -= 1
  }

  /// A call ended, and the relay is there to hear it; `relay` is nil when it consumes nothing at the
  /// moment, or when the delivery is somebody else's by now.
  func callEnded(_ delivery: Int, relay: Int?, token: Int, _ failure: FailureSample?, isShared: Bool) {
    let request = deliveries[delivery].request
    deliveries[delivery].isShared = isShared
    if counts(failure, deliveries[delivery]) { deliveries[delivery].counted += 1 }
    if failure == nil || failure == .terminal { requests[request].finalCalls += 1 }
    guard let failure else { return }
    deliveries[delivery].allowed = failure.failure.maxAttempts ?? .max
    let isThrottle = failure.failure.retry == .backoffWithRateCut && !deliveries[delivery].isTooOld
    if isThrottle { deliveries[delivery].throttled += 1 }
    let isFirstRefusal = failure.refusesToken && deliveries[delivery].refusedToken == nil
    if let relay, isShared, !isFirstRefusal, !isThrottle { everyoneSuffers(relay) }
    if failure.refusesToken, deliveries[delivery].refusedToken == nil { deliveries[delivery].refusedToken = token }
    if failure.demandedWait > 0 { deliveries[delivery].past.notBefore = now + failure.demandedWait }
  }

  /// Whether a call counts as an attempt: for what everyone suffers only when the request is given up for it.
  private func counts(_ failure: FailureSample?, _ book: DeliveryBook) -> Bool {
    guard let failure else { return true }
    if failure.refusesToken, book.refusedToken == nil { return false }
    return failure.countsAttempt || book.isTooOld || (failure == .serviceFailing && !book.isShared)
  }

  /// The relay gives a request up because of a failed call.
  func gaveUp(_ delivery: Int, _ failure: CallFailure) {
    let book = deliveries[delivery]
    let attempts = book.past.attempts + book.counted
    let isUsedUp = attempts >= min(policy.maximumAttempts, failure.maxAttempts ?? .max) || !policy.isEnabled
    let isOwn = failure.scope == .message || (failure.scope == .service && !book.isShared)
    let isFinal = failure.retry == .never || (failure.retry == .backoff && isUsedUp)
    expect(
      (isOwn && isFinal) || book.isTooOld, .onlyOwnFailuresEnd,
      "request \(book.request) ends by \(failure.code.rawValue) (\(failure.scope.rawValue), \(failure.retry.rawValue)) "
        + "after \(attempts) attempts")
  }

  // MARK: End

  /// Checks each request when nothing of the run is left, or when it never ends.
  func close(isDrained: Bool) {
    expect(isDrained, .everythingEnds, "still open: requests \(requests.indices.filter { requests[$0].living != 0 })")
    for index in requests.indices {
      let book = requests[index]
      let ends = book.ends + book.poisoned
      expect(ends > book.forks, .nothingLost, "request \(index): \(ends) ends of \(1 + book.forks)")
      expect(ends <= 1 + book.forks, .duplicatesExplained, "request \(index): \(ends) ends of \(1 + book.forks)")
      expect(
        book.finalCalls <= 1 + book.forks + book.disruptedCalls, .callsOnce,
        "request \(index) was answered for good \(book.finalCalls) times")
      counts.repeatedEnds += max(0, ends - 1)
    }
  }
}
