internal import AMQP
internal import EventLoop
internal import Failpoints
internal import RelayCore

/// Results: those of earlier deliveries of the same request, and the one that this flow's call brings.
extension RequestFlow {
  /// Asks whether the same request has a result, or a call under way. If neither, this flow makes the call.
  func askForResult() {
    guard let results = pipeline.results, let plan else { return }
    results.ask(results.key(of: request, plan, delivery), for: self)
  }

  /// The call brought a result. It is kept before the reply goes out, also when the delivery was lost meanwhile: the next
  /// delivery of the request is answered with it.
  func succeeded(_ answer: OCRBackend.Answer) {
    guard let body = answer.body else { return }
    let call = CallRecord(
      attempts: machine.attempts + 1, milliseconds: answer.duration.saturatingNanoseconds / 1_000_000,
      requestID: answer.requestID)
    result = (.buffer(body), call)
    guard let callKey, let results = pipeline.results, body.count <= results.largestBody else {
      return perform(machine.called(.success))
    }
    let own = StoredResult(
      body: Array(body.bytes), attempts: call.attempts, milliseconds: call.milliseconds, requestID: call.requestID)
    results.keep(callKey, own, for: self)
  }

  /// Tells those who wait for this flow's call that it has ended.
  func endSharedCall(_ result: StoredResult?) {
    guard let key = callKey else { return }
    callKey = nil
    pipeline.results?.end(key, result)
  }
}

extension RequestFlow: ResultRequester {
  func found(_ stored: StoredResult?, for key: ResultKey) {
    guard let stored else {
      callKey = key
      // The delivery may be gone since, or no work is taken any more: somebody else makes the call then.
      if isFinished { return endSharedCall(nil) }
      return pipeline.acceptsWork ? perform(machine.resultMissing()) : putBack()
    }
    guard !isFinished else { return }
    pipeline.counters.reusedResults += 1
    result = (.bytes(stored.body), CallRecord(stored))
    perform(machine.resultFound())
  }

  func kept(_ own: StoredResult, earlier: StoredResult?) {
    Failpoint.pass(.resultStored)
    if let earlier { result = (.bytes(earlier.body), CallRecord(earlier)) }
    endSharedCall(earlier ?? own)
    perform(machine.called(.success))
  }
}

extension CallRecord {
  fileprivate init(_ stored: StoredResult) {
    self.init(attempts: stored.attempts, milliseconds: stored.milliseconds, requestID: stored.requestID)
  }
}
